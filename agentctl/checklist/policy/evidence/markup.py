"""``coverage.xml`` (Cobertura) and JUnit."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any
from xml.etree import ElementTree as ET

from agentctl.checklist.policy.evidence.model import COVERAGE, TESTS, Evidence, NotOursError

_MILLISECONDS = 1e11  # a time larger than this is not in seconds
_BAD = ("failure", "error")


def read(text: str) -> Evidence:
    """Return what a Cobertura or JUnit file says.

    Raises:
        NotOursError: It is neither, or declares entities, which no such report needs.
    """
    if "<!ENTITY" in text:
        raise NotOursError("declares XML entities")
    try:
        root = ET.fromstring(text)  # noqa: S314 - without entities it cannot grow
    except (ET.ParseError, ValueError, RecursionError) as error:
        raise NotOursError(f"is not XML: {error}") from error
    if root.tag == "coverage" and "line-rate" in root.attrib:
        return _coverage(root)
    if root.tag in {"testsuites", "testsuite"}:
        return _junit(root)
    raise NotOursError(f"<{root.tag[:40]}> is neither Cobertura nor JUnit")


def together(files: Sequence[Evidence], more: str) -> Evidence:
    """Return what JUnit files say as one run: it failed when one of them did, and is as old as the oldest.

    Args:
        files: At least one.
        more: What a note adds to the name of the first.
    """
    verdicts = [one.verdict for one in files]
    times = [one.when for one in files]
    return Evidence(
        kind=TESTS,
        verdict=next((verdict for verdict in ("fail", "invalid") if verdict in verdicts), "pass"),
        when=None if None in times else min(time for time in times if time is not None),
        listed=tuple(names for one in files for names in one.listed),
        figures={name: sum(one.figures[name] for one in files) for name in files[0].figures},
        details={"suites": [suite for one in files for suite in one.details["suites"]], "more": more},
    )


def _coverage(root: ET.Element) -> Evidence:
    sources = [source.text.strip() for source in root.iter("source") if source.text]
    names = sorted({node.get("filename", "") for node in root.iter("class")} - {""})
    covered, valid = _number(root.get("lines-covered")), _number(root.get("lines-valid"))
    percent = 100 * covered / valid if covered is not None and valid else _rate(root)
    if not 0 <= percent <= 100:  # noqa: PLR2004 - per cent; also refuses what is not a number
        raise NotOursError("covers more lines than there are")
    stamp = _number(root.get("timestamp"))
    return Evidence(
        kind=COVERAGE,
        verdict="pass",
        when=stamp / 1000 if stamp is not None and stamp > _MILLISECONDS else stamp,
        listed=tuple(_names(name, sources) for name in names),
        figures={"coverage": round(percent, 4)},
    )


def _rate(root: ET.Element) -> float:
    rate = _number(root.get("line-rate"))
    if rate is None or not 0 <= rate <= 1:
        raise NotOursError("has no line-rate between 0 and 1")
    return 100 * rate


def _names(name: str, sources: Iterable[str]) -> tuple[str, ...]:
    """Return what a file may be called in the tree: the folders of another machine are taken off from the left."""
    whole = [PurePosixPath(source.replace("\\", "/"), name.replace("\\", "/")) for source in sources]
    whole.append(PurePosixPath(name.replace("\\", "/")))
    parts = [path.parts[1:] if path.is_absolute() else path.parts for path in whole]
    return tuple(dict.fromkeys("/".join(some[at:]) for some in parts for at in range(len(some))))


def _junit(root: ET.Element) -> Evidence:
    cases = list(root.iter("testcase"))
    if not cases:
        raise NotOursError("holds no test case")
    failed = sum(any(case.find(bad) is not None for bad in _BAD) for case in cases)
    ran = [case for case in cases if case.find("skipped") is None]
    stamps = [stamp for suite in root.iter() if (stamp := _time(suite.get("timestamp"))) is not None]
    files = {names for case in cases if (names := _files(case))}
    return Evidence(
        kind=TESTS,
        verdict="fail" if failed else "pass" if ran else "invalid",
        when=min(stamps, default=None),
        listed=tuple(sorted(files)),
        figures={"tests": len(cases), "failed": failed},
        details={"suites": _suites(cases)},
    )


def _suites(cases: Iterable[ET.Element]) -> list[dict[str, Any]]:
    """Return the tests by the folder that they stand in, as a record has its suites."""
    counts: Mapping[str, list[int]] = defaultdict(lambda: [0, 0])
    for case in cases:
        folder = PurePosixPath((_files(case) or ("",))[-1]).parent.name or "all"
        if case.find("skipped") is None:
            counts[folder][0] += 1
            counts[folder][1] += any(case.find(bad) is not None for bad in _BAD)
    return [
        {"name": name, "tests": ran, "failed": failed, "verdict": "fail" if failed else "pass"}
        for name, (ran, failed) in sorted(counts.items())
    ]


def _files(case: ET.Element) -> tuple[str, ...]:
    """Return the file of a test: as the report says, else from the dotted name, with and without a class at its end."""
    if case.get("file"):
        return _names(str(case.get("file")), ())[:1]
    parts = [part for part in case.get("classname", "").split(".") if part]
    kept = [part for part in parts if not part[:1].isupper()]
    return ("/".join(kept) + ".py",) if kept else ()


def _time(text: str | None) -> float | None:
    """Return a time in seconds; one without a zone is taken as UTC."""
    try:
        found = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def _number(text: str | None) -> float | None:
    try:
        found = float(text) if text else None
    except ValueError:
        return None
    return found if found is not None and math.isfinite(found) else None
