"""JSON by ``schemas/report.schema.json``: the stable output for machines."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from agentctl.results import REPORT_SCHEMA, Location, Report


def render(report: Report) -> str:
    """Return the report as indented JSON with one newline at its end."""
    return json.dumps(as_dict(report), indent=2, ensure_ascii=False) + "\n"


def as_dict(report: Report) -> dict[str, Any]:
    """Return the report as plain values, in the schema's order; empty optional parts are left out of results."""
    values = asdict(report)
    values["results"] = [_result(result) for result in values["results"]]
    values["projects"] = [as_dict(part) for part in report.projects]
    return {"schema": REPORT_SCHEMA, **values}


def _result(values: dict[str, Any]) -> dict[str, Any]:
    kept = {"id", "verdict", "severity", "message", "evidence"}
    result = {key: value for key, value in values.items() if key in kept or value not in (None, "", ())}
    result["evidence"] = [_place(place) for place in values["evidence"]]
    return result


def _place(values: dict[str, Any] | Location) -> dict[str, Any]:
    plain = values if isinstance(values, dict) else asdict(values)
    kept = {"path", "line", "column", "symbol"}
    return {key: value for key, value in plain.items() if key in kept or value is not None}
