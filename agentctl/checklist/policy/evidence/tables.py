"""What tools write as JSON or CSV: pytest-benchmark, locust, SARIF."""

from __future__ import annotations

import csv
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from agentctl.checklist.policy.evidence.model import BENCHMARK, LOAD, SCAN, Evidence, NotOursError

# Guide 0, Load Testing: more than 95 % succeed, the mean is under 2 s.
_SUCCESS, _MEAN = 95.0, 2.0
_HEALTH = re.compile(r"/(health|healthz|livez|readyz|ready|live|ping|metrics)\b")
_LOCUST = ("Type", "Name", "Request Count", "Failure Count")


def read_json(text: str) -> Evidence:
    """Return what a benchmark's, locust's or scanner's JSON says.

    Raises:
        NotOursError: It is none of them.
    """
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotOursError("is not JSON") from error
    if isinstance(value, list) and value and all(isinstance(row, dict) and "num_requests" in row for row in value):
        return _load([_of_json(row) for row in value], max(_number(row, "last_request_timestamp") for row in value))
    if isinstance(value, dict) and isinstance(value.get("benchmarks"), list) and "machine_info" in value:
        return _benchmark(value)
    if isinstance(value, dict) and isinstance(value.get("runs"), list) and "version" in value:
        return _scan(_dicts(value["runs"]))
    raise NotOursError("is no record, benchmark, locust statistics or SARIF")


def read_csv(text: str, history: str | None) -> Evidence:
    """Return what ``*_stats.csv`` of locust says; ``history`` is the ``*_stats_history.csv`` beside it, with the times.

    Raises:
        NotOursError: It is no such file.
    """
    rows = list(csv.DictReader(text.splitlines()))
    if not rows or any(name not in rows[0] for name in _LOCUST):
        raise NotOursError("is no statistics of locust")
    requests = [_of_csv(row) for row in rows if row.get("Name") not in {"Aggregated", "Total"}]
    times = [_number(row, "Timestamp") for row in csv.DictReader((history or "").splitlines())]
    return _load(requests, max(times, default=0))


def _of_json(row: Mapping[str, Any]) -> tuple[str, float, float, float]:
    count = _number(row, "num_requests")
    mean = _number(row, "total_response_time") / count if count else 0
    return str(row.get("name")), count, _number(row, "num_failures"), mean


def _of_csv(row: Mapping[str, Any]) -> tuple[str, float, float, float]:
    return (str(row.get("Name")), _number(row, "Request Count"), _number(row, "Failure Count"),
            _number(row, "Average Response Time"))  # fmt: skip


def _load(rows: Sequence[tuple[str, float, float, float]], last: float) -> Evidence:
    """Judge requests of (name, count, failures, mean in ms) by the limits of guide 0."""
    total = sum(count for _name, count, _failed, _mean in rows)
    if not total:
        raise NotOursError("holds no request")
    success = 100 - 100 * sum(failed for _name, _count, failed, _mean in rows) / total
    mean = sum(count * average for _name, count, _failed, average in rows) / total / 1000
    gates = [
        {"text": f"success>{_SUCCESS:g}%", "value": success, "unit": "%"},
        {"text": f"mean<{_MEAN:g}s", "value": mean, "unit": "s"},
    ]
    return Evidence(
        kind=LOAD,
        verdict="pass" if success > _SUCCESS and mean < _MEAN else "fail",
        when=last or None,
        figures={"success": success, "mean": mean},
        details={
            "bound": False,  # statistics do not say which code answered
            "health_only": all(_HEALTH.search(name) for name, *_ in rows),
            "gates": gates,
        },
    )


def _benchmark(value: Mapping[str, Any]) -> Evidence:
    commit = _inner(value, "commit_info")
    means = dict(means_of(value))
    if not means:
        raise NotOursError("holds no benchmark")
    return Evidence(
        kind=BENCHMARK,
        verdict="pass",
        when=_time(value.get("datetime")),
        commit=None if commit.get("dirty") else commit.get("id"),
        figures={"benchmarks": len(means)},
        details={"means": means, "machine": machine_of(value)},
    )


def machine_of(value: Mapping[str, Any]) -> str:
    """Return the processor that a pytest-benchmark file was measured on, as it calls it."""
    info = _inner(value, "machine_info")
    cpu = _inner(value, "machine_info", "cpu")
    return str(cpu.get("brand_raw") or cpu.get("brand") or info.get("processor") or info.get("machine") or "")


def means_of(value: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """Yield the name and the mean in seconds of each benchmark of a pytest-benchmark file."""
    for row in value.get("benchmarks", ()):
        stats = row.get("stats") if isinstance(row, dict) else None
        mean = stats.get("mean") if isinstance(stats, dict) else None
        if isinstance(mean, (int, float)) and 0 < mean < math.inf:
            yield str(row.get("fullname", row.get("name"))), float(mean)


def _scan(runs: Sequence[Mapping[str, Any]]) -> Evidence:
    tools = [str(_inner(run, "tool", "driver").get("name", "")) for run in runs]
    if not runs or "agentctl" in tools:
        raise NotOursError("is SARIF, but of no scanner")
    invocations = [one for run in runs for one in _dicts(run.get("invocations"))]
    origins = [one for run in runs for one in _dicts(run.get("versionControlProvenance"))]
    errors = sum(_is_error(result) for run in runs for result in _dicts(run.get("results")))
    broken = any(one.get("executionSuccessful") is False for one in invocations)
    times = [time for one in invocations if (time := _time(one.get("endTimeUtc"))) is not None]
    commits = {str(one["revisionId"]) for one in origins if one.get("revisionId")}
    return Evidence(
        kind=SCAN,
        verdict="invalid" if broken else "fail" if errors else "pass",
        when=min(times, default=None),
        commit=commits.pop() if len(commits) == 1 else None,
        figures={"errors": errors},
        details={"tools": tools},
    )


def _is_error(result: Mapping[str, Any]) -> bool:
    return result.get("level", "warning") == "error" and not result.get("suppressions")


def _inner(value: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    for name in names:
        found = value.get(name)
        value = found if isinstance(found, dict) else {}
    return value


def _dicts(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _number(row: Mapping[str, Any], name: str) -> float:
    try:
        found = float(row.get(name) or 0)
    except (TypeError, ValueError, OverflowError):
        return 0.0
    return found if math.isfinite(found) else 0.0


def _time(text: Any) -> float | None:
    try:
        found = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
