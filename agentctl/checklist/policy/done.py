"""The two levels of a deed: *defined* in the repository, and *done*, which only a run or a person can show."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from agentctl import records
from agentctl.checklist.facts.index import Recorded
from agentctl.results import Confidence, Finding, Location, Severity, Verdict

# Suites of ``agentctl test`` (or folders of tests in a JUnit file) whose passing run shows that a deed was done.
_SUITES = {
    "TS03": frozenset({"integration"}),
    "TS04": frozenset({"e2e", "end_to_end", "acceptance"}),
    "TS05": frozenset[str](),  # any suite: failures are tested among the rest
    "TS10": frozenset({"security"}),
    "TS11": frozenset({"chaos", "fault_injection"}),
}
_SETTLES = {
    "TS03": "agentctl test integration",
    "TS04": "agentctl test e2e",
    "TS05": "agentctl test",
    "TS10": "agentctl test security",
    "TS11": "agentctl test chaos",
    "SE04": "agentctl checklist --evidence SCAN.sarif, of a scan of this commit",
    "OB02": "agentctl loadtest --serve, which waits until it is ready",
}
_BY_RECORD = frozenset({"TS02", "TS08", "TS09"})  # their checks pass on a record only


def strictly(results: Iterable[Finding], deeds: frozenset[str], recorded: Recorded) -> tuple[Finding, ...]:
    """Return the findings with what is merely defined, or proved by what git tracks, taken down."""
    tracked = tuple(_tracked(result, recorded) for result in results)
    by_run = deeds - _BY_RECORD
    return tuple(_done(result, recorded) if result.id in by_run else result for result in tracked)


def _tracked(result: Finding, recorded: Recorded) -> Finding:
    """A record that came with the tree proves little, whatever it says."""
    if result.verdict is not Verdict.PASS or not recorded.tracked:
        return result
    known = {run.path for some in recorded.runs.values() for run in some}
    if not any(place.path in known for place in result.evidence):
        return result
    hint = "the record is committed to git, so it proves little: let CI hand it over (--evidence)"
    return replace(result, verdict=Verdict.WARN, severity=Severity.WARNING, confidence=Confidence.LOW, hint=hint)


def _done(result: Finding, recorded: Recorded) -> Finding:
    if result.verdict not in {Verdict.PASS, Verdict.WARN}:
        return result
    shown = _shown(result.id, recorded)
    if shown is not None:
        return replace(result, evidence=(*result.evidence, shown), message=f"{result.message}; done in a recorded run")
    return replace(
        result,
        verdict=Verdict.UNKNOWN,
        severity=Severity.ADVICE,
        confidence=Confidence.MEDIUM,
        message=f"defined, but nothing shows that it was done: {result.message}",
        hint=f"run: {_SETTLES[result.id]}" if result.id in _SETTLES else _attest(result.id),
    )


def _attest(id_: str) -> str:
    return f"let who did it say so: agentctl checklist --attest {id_} --who … --link … --until …"


def _shown(id_: str, recorded: Recorded) -> Location | None:
    """Return the record that shows a deed: the newest of its kind, of today's content, passed, not tracked."""
    kind = {"SE04": "scan", "OB02": "loadtest"}.get(id_, "test" if id_ in _SUITES else "")
    run = next(iter(recorded.runs.get(kind, ())), None)
    if run is None or run.verdict != "pass" or recorded.tracked or not _fresh(run, recorded):
        return None
    if kind == "loadtest" and not run.details.get("bound"):
        return None
    if kind == "test" and not _ran(_SUITES[id_], run.details):
        return None
    return Location(path=run.path or records.FOLDER)


def _fresh(run: records.Record, recorded: Recorded) -> bool:
    return recorded.content is not None and not records.changed(run, recorded.content)


def _ran(names: Collection[str], details: Mapping[str, Any]) -> bool:
    rows = details.get("suites")
    suites = [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []
    wanted = [row for row in suites if not names or row.get("name") in names]
    return any(row.get("verdict", "pass") == "pass" and row.get("tests", 1) for row in wanted)
