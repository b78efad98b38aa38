"""TS09 from pytest-benchmark: a run that was handed over, beside the baseline that the tree keeps."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from agentctl import records
from agentctl.checklist.answer import counted
from agentctl.checklist.facts.index import Recorded
from agentctl.checklist.policy.evidence.model import BENCHMARK
from agentctl.checklist.policy.evidence.tables import machine_of, means_of
from agentctl.results import Confidence, Finding, Location, Severity, Verdict

SLOWER = 1.25  # times the kept mean; noise of a shared machine stays below
_ITEM = "TS09"


def held(results: Iterable[Finding], recorded: Recorded, texts: Mapping[str, str]) -> tuple[Finding, ...]:
    """Return the findings, with TS09 settled by a fresh run of benchmarks where nothing else settles it."""
    run = next(iter(recorded.runs.get(BENCHMARK, ())), None)
    if run is None:
        return tuple(results)
    return tuple(_settled(one, run, recorded, texts) if _is_open(one) else one for one in results)


def _is_open(one: Finding) -> bool:
    return one.id == _ITEM and one.verdict is Verdict.UNKNOWN


def _settled(one: Finding, run: records.Record, recorded: Recorded, texts: Mapping[str, str]) -> Finding:
    place = Location(path=run.path or records.FOLDER)
    if recorded.content is None or records.changed(run, recorded.content):
        return replace(one, message="the run of benchmarks is stale", hint="hand over one of today's content",
                       evidence=(place,))  # fmt: skip
    kept = next((kept for kept in _kept(texts) if kept[1] == run.details["machine"]), None)
    if kept is None:
        words = "there is a run of benchmarks, but no baseline of the same processor is kept in the tree"
        return replace(one, message=words, hint="keep the JSON of pytest-benchmark as a baseline", evidence=(place,))
    return _compared(one, run.details["means"], kept[2], (place, Location(path=kept[0])))


def _compared(
    one: Finding, means: Mapping[str, float], baseline: Mapping[str, float], places: tuple[Location, ...]
) -> Finding:
    both = means.keys() & baseline.keys()
    slower = sorted(name for name in both if means[name] > SLOWER * baseline[name])
    if not both:
        return replace(one, message="the benchmarks of the run are not those of the baseline", evidence=places)
    if slower:
        words = f"{counted(slower, 'benchmark')} of {len(both)} more than a quarter slower than the kept: {slower[0]}"
        return replace(one, verdict=Verdict.FAIL, severity=Severity.ERROR, message=words, evidence=places,
                       hint="find what became slower, or keep a new baseline and say why")  # fmt: skip
    words = f"the kept baseline holds for {counted(both, 'benchmark')}"
    return replace(one, verdict=Verdict.PASS, severity=Severity.ADVICE, hint=None, evidence=places,
                   confidence=Confidence.MEDIUM, message=words)  # fmt: skip


def _kept(texts: Mapping[str, str]) -> Iterator[tuple[str, str, dict[str, float]]]:
    """Yield each file of pytest-benchmark in the tree: path, processor, means."""
    for path in texts:
        if path.endswith(".json") and ("benchmark" in path.lower() or "baseline" in path.lower()):
            value = _json(texts[path])
            if isinstance(value, dict) and "machine_info" in value and isinstance(value.get("benchmarks"), list):
                yield path, machine_of(value), dict(means_of(value))


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
