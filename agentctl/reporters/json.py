"""JSON by ``schemas/report.schema.json``: the stable output for machines."""

from __future__ import annotations

import json
import math
import re
from dataclasses import asdict
from typing import Any

from agentctl.results import REPORT_SCHEMA, Report

_RESULT = ("id", "verdict", "severity", "message", "evidence")
_SERIES = ("name", "points", "unit", "x_unit")
_PLACE = ("path", "line", "column", "symbol")
_SURROGATE = re.compile("[\ud800-\udfff]")


def render(report: Report) -> str:
    """Return the report as indented JSON with one newline at its end."""
    text = json.dumps(as_dict(report), indent=2, ensure_ascii=False, allow_nan=False)
    return _SURROGATE.sub(lambda half: f"\\u{ord(half[0]):04x}", text) + "\n"


def as_dict(report: Report) -> dict[str, Any]:
    """Return the report as plain values, in the schema's order; empty optional parts are left out of results."""
    values: dict[str, Any] = _finite(asdict(report))
    values["results"] = [_result(result) for result in values["results"]]
    values["series"] = [_without_empty(series, _SERIES) for series in values["series"]]
    values["projects"] = [as_dict(part) for part in report.projects]
    return {"schema": REPORT_SCHEMA, **values}


def _result(values: dict[str, Any]) -> dict[str, Any]:
    result = _without_empty(values, _RESULT)
    return {**result, "evidence": [_without_empty(place, _PLACE) for place in values["evidence"]]}


def _without_empty(values: dict[str, Any], kept: tuple[str, ...]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key in kept or value not in (None, "")}


def _finite(value: Any) -> Any:
    """JSON has neither NaN nor infinity: they become null."""
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
