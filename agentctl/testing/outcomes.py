"""What a suite's child wrote, read into values."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agentctl.results import Location
from agentctl.testing.suites import Suite

_SECRET = re.compile(
    r"\b(?:sk|pk|rk|ghp|gho|ghs|xox[abp])[-_][\w-]{12,}|\bAKIA[A-Z0-9]{16}\b|\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"
    r"|(?i:(?<=bearer )[\w.~+/-]{8,}=*|(?<=://)[^/\s:@]+:[^/\s@]+(?=@))"
    r"|(?i:(?:password|passwd|secret|api[_-]?key|token)['\"]?\s*[=:]\s*['\"]?)([^\s'\",;)]{6,})"
)


@dataclass(frozen=True, kw_only=True)
class Test:
    """One test, or a module that could not be collected.

    Attributes:
        id: pytest's node id.
        outcome: ``passed``, ``failed``, ``error``, ``skipped``, ``xfailed`` or ``xpassed``.
        duration: Seconds over setup, call and teardown.
        message: The error in its own words, secrets masked; empty without one.
        places: Where it broke, then where it stands.
    """

    __test__ = False  # pytest: this is no test class

    id: str
    outcome: str
    duration: float = 0.0
    message: str = ""
    places: tuple[Location, ...] = ()

    @property
    def bad(self) -> bool:
        """Return whether it says no."""
        return self.outcome in {"failed", "error"}


@dataclass(frozen=True, kw_only=True)
class SuiteRun:
    """What one suite's child did.

    Attributes:
        returncode: Of the child; negative for a signal; None when it never started.
        finished: pytest's own exit status at the end of its session; None when it never got there.
        running: The test that was running last.
        internal: pytest's own failure, in its words.
        duration: Seconds of wall time.
        seed: The seed of the random order, or None.
    """

    suite: Suite
    returncode: int | None = None
    timed_out: bool = False
    duration: float = 0.0
    tests: tuple[Test, ...] = ()
    uncollected: tuple[Test, ...] = ()
    deselected: int = 0
    started: bool = False
    finished: int | None = None
    running: str = ""
    internal: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    seed: int | None = None

    def count(self, *outcomes: str) -> int:
        """Return how many tests (and modules, for skipped and error) ended so."""
        return sum(test.outcome in outcomes for test in (*self.tests, *self.uncollected))

    @property
    def ran(self) -> int:
        """The tests that were carried out: all but the skipped ones."""
        return sum(test.outcome != "skipped" for test in self.tests)

    @property
    def failures(self) -> tuple[Test, ...]:
        """What says no, uncollected modules first."""
        return tuple(test for test in (*self.uncollected, *self.tests) if test.bad)


def read(path: Path, root: Path) -> dict[str, Any]:
    """Return the fields of a ``SuiteRun`` that the child wrote; a last line cut short is passed over."""
    events = _events(path)
    tests = {event["id"]: _test(event, root) for event in events if event["event"] == "test"}
    running = [event["id"] for event in events if event["event"] == "running"]
    return {
        "tests": tuple(tests.values()),
        "uncollected": tuple(_module(event, root) for event in events if event["event"] == "collect"),
        "deselected": sum(event["count"] for event in events if event["event"] == "deselected"),
        "started": any(event["event"] == "start" for event in events),
        "finished": next((event["exitstatus"] for event in events if event["event"] == "finish"), None),
        "running": running[-1] if running and running[-1] not in tests else "",
        "internal": next((mask(event["message"]) for event in events if event["event"] == "internal"), ""),
        "versions": next((event["versions"] for event in events if event["event"] == "start"), {}),
    }


def mask(text: str) -> str:
    """Return the text with what looks like a secret replaced, and nothing that UTF-8 cannot hold."""
    plain = text.encode("utf-8", "backslashreplace").decode()
    return _SECRET.sub(lambda found: found[0].replace(found[1] or found[0], "***"), plain)


def _events(path: Path) -> list[dict[str, Any]]:
    try:
        lines = path.read_text(encoding="ascii", errors="replace").splitlines()
    except FileNotFoundError:
        return []
    return [event for line in lines if (event := _parsed(line)) is not None]


def _parsed(line: str) -> dict[str, Any] | None:
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) else None


def _test(event: Mapping[str, Any], root: Path) -> Test:
    return Test(
        id=mask(event["id"]),
        outcome=event["outcome"],
        duration=event.get("duration", 0.0),
        message=mask(event.get("message", "")),
        places=_places(event, root),
    )


def _module(event: Mapping[str, Any], root: Path) -> Test:
    outcome = "skipped" if event["outcome"] == "skipped" else "error"
    return Test(id=mask(event["id"]), outcome=outcome, message=mask(event["message"]), places=_places(event, root))


def _places(event: Mapping[str, Any], root: Path) -> tuple[Location, ...]:
    """Return the places that lie in the project, the most telling first, each once."""
    pairs = [(event.get("crash_path"), event.get("crash_line")), (event.get("path"), event.get("line"))]
    places = [_place(path, line, root) for path, line in pairs if path]
    inside = [place for place in places if place is not None]
    if len(inside) == 2 and inside[1].line is None and inside[0].path == inside[1].path:  # noqa: PLR2004 - the pair
        inside.pop()
    return tuple(dict.fromkeys(inside))


def _place(path: str, line: int | None, root: Path) -> Location | None:
    plain = Path(mask(path))
    if not plain.is_relative_to(root) or "site-packages" in plain.parts:
        return None
    return Location(path=plain.relative_to(root).as_posix(), line=line)
