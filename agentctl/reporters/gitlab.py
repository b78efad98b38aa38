"""A Code Quality report for GitLab: what is wrong, in the part of Code Climate's format that GitLab reads."""

from __future__ import annotations

import json
from typing import Any

from agentctl.reporters._alerts import fingerprints, open_findings, severity
from agentctl.reporters._values import BROKEN, one_line, statement, visible
from agentctl.results import Finding, Location, Report, Severity

_SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.ADVICE: "info"}


def render(report: Report) -> str:
    """Return the findings as one list; each has a fingerprint of its own, which stays when lines move."""
    found = open_findings(report)
    issues = [
        _issue(finding, f"{name}{place:x}") for finding, (name, place) in zip(found, fingerprints(found), strict=True)
    ]
    return json.dumps(issues, indent=2, ensure_ascii=False) + "\n"


def _issue(finding: Finding, fingerprint: str) -> dict[str, Any]:
    check = one_line(finding.id) or "agentctl"
    hint = f" ({one_line(finding.hint)})" if finding.hint else ""
    return {
        "description": f"{statement(finding) or check}{hint}",
        "check_name": check,
        "fingerprint": fingerprint,
        "severity": "critical" if finding.verdict in BROKEN else _SEVERITIES[severity(finding)],
        "location": _location(finding.location or Location(path=".")),
    }


def _location(place: Location) -> dict[str, Any]:
    begin = place.line or 1
    lines = {"begin": begin}
    if place.end_line and place.end_line > begin:
        lines["end"] = place.end_line
    return {"path": visible(place.path) or ".", "lines": lines}
