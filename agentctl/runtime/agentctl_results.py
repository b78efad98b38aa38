"""A pytest plugin that writes what happened to each test as one JSON object a line, from pytest's own reports.

``AGENTCTL_RESULTS`` names the file. Events: ``start``, ``collect`` (a module that failed or was skipped as a whole),
``deselected``, ``running``, ``test``, ``internal``, ``finish``. Without ``finish`` the session did not end by itself.
Paths are absolute, lines count from 1, durations are seconds.
"""

from __future__ import annotations

import json
import os
import platform
import re
import sys
from pathlib import Path
from typing import Any

_HERE = str(Path(__file__).resolve().parent)
_MESSAGE = 2000  # characters of an error that are kept
_SEVERITY = ("passed", "xpassed", "xfailed", "skipped", "error", "failed")


def _leave_no_trace() -> None:
    """Take this folder out of what the tests' own children inherit, and behind all else in this process."""
    entries = [entry for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry and entry != _HERE]
    if entries:
        os.environ["PYTHONPATH"] = os.pathsep.join(entries)
    else:
        os.environ.pop("PYTHONPATH", None)
    sys.path[:] = [entry for entry in sys.path if entry != _HERE] + [_HERE]


_leave_no_trace()
# Taken away, so that neither xdist's workers nor a pytest that a test starts write into the same file.
_TARGET = os.environ.pop("AGENTCTL_RESULTS", "")


def pytest_configure(config: Any) -> None:
    """Listen, where there is a file to write to."""
    if _TARGET:
        config.pluginmanager.register(Results(_TARGET, str(config.rootdir)), "agentctl-results-writer")


class Results:
    """Writes the events of one session."""

    def __init__(self, target: str, root: str) -> None:
        self._out = Path(target).open("a", encoding="ascii", buffering=1)  # noqa: SIM115 - open for the whole session
        self._root = Path(root)
        self._tests: dict[str, dict[str, Any]] = {}

    def _write(self, event: str, **values: Any) -> None:
        self._out.write(json.dumps({"event": event, **values}) + "\n")

    def pytest_sessionstart(self) -> None:
        """Tell which versions run."""
        import pytest

        versions = {"python": platform.python_version(), "pytest": pytest.__version__}
        self._write("start", versions=versions, root=str(self._root))

    def pytest_collectreport(self, report: Any) -> None:
        """Tell what could not be collected, and modules that skip themselves."""
        if not report.passed:
            path = self._root / report.nodeid.split("::")[0]
            told = {"message": _message(report.longrepr), **_place(path, None, report.longrepr)}
            self._write("collect", id=report.nodeid, outcome=report.outcome, **told)

    def pytest_deselected(self, items: list[Any]) -> None:
        """Tell how many tests were left out by choice."""
        self._write("deselected", count=len(items))

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Tell what runs now, for the case that it is the last thing told."""
        self._write("running", id=nodeid)

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Gather the phases of a test, and tell the whole at its end."""
        if report.when == "setup" or report.nodeid not in self._tests:
            self._tests[report.nodeid] = {"outcome": "passed", "duration": 0.0}
        test = self._tests[report.nodeid]
        test["duration"] += getattr(report, "duration", 0.0)
        if report.outcome == "rerun":
            del self._tests[report.nodeid]
            return
        self._judge(test, report)
        if report.when not in ("setup", "call"):
            self._write("test", id=report.nodeid, **self._tests.pop(report.nodeid))

    def _judge(self, test: dict[str, Any], report: Any) -> None:
        outcome = _outcome(report)
        part = getattr(report, "context", None) is not None  # a subtest counts only where it fails
        if (part and not report.failed) or _SEVERITY.index(outcome) <= _SEVERITY.index(test["outcome"]):
            return
        test["outcome"] = outcome
        if report.failed:
            path, line = report.location[:2]
            test["message"] = _message(report.longrepr)
            test.update(_place(self._root / path, line, report.longrepr))

    def pytest_internalerror(self, excrepr: Any) -> None:
        """Tell that pytest itself failed."""
        self._write("internal", message=_message(excrepr))

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        """Tell that the session came to its end."""
        self._write("finish", exitstatus=int(exitstatus))


def _outcome(report: Any) -> str:
    if report.failed:
        return "failed" if report.when == "call" else "error"
    if hasattr(report, "wasxfail"):
        return "xfailed" if report.skipped else "xpassed"
    return str(report.outcome) if report.outcome in _SEVERITY else "passed"


def _message(longrepr: Any) -> str:
    """Return the error in its own words: the crash's message, else the last line that names an exception."""
    if isinstance(longrepr, tuple):
        return str(longrepr[-1])[:_MESSAGE]
    crash = getattr(longrepr, "reprcrash", None)
    if crash is not None:
        return str(crash.message)[:_MESSAGE]
    lines = [line for line in str(longrepr).splitlines() if line.strip()]
    named = re.findall(r"^E   ([A-Za-z_][\w.]*(?:: .*)?)$", str(longrepr), re.MULTILINE)
    marked = [line[1:].strip() for line in lines if line.startswith("E ")]
    return (named[-1:] or marked or lines[-1:] or [""])[0][:_MESSAGE]


def _place(path: Path, line: int | None, longrepr: Any) -> dict[str, Any]:
    """Return where the test stands and, where pytest tells, where it broke."""
    place: dict[str, Any] = {"path": str(path), "line": None if line is None else line + 1}
    crash = getattr(longrepr, "reprcrash", None)
    if crash is not None:
        place.update(crash_path=str(Path(crash.path).absolute()), crash_line=crash.lineno)
        return place
    seen = re.findall(r"^(\S.*?):(\d+): in ", str(longrepr), re.MULTILINE)
    if seen:
        place.update(crash_path=str(Path(seen[-1][0]).absolute()), crash_line=int(seen[-1][1]))
    return place
