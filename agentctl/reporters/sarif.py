"""SARIF 2.1.0 for code scanning: what is wrong and where; what passed, or could not be decided, raises no alert."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from agentctl import __version__
from agentctl.reporters._alerts import OPEN, fingerprints, parts, severity, worst_first
from agentctl.reporters._values import one_line, statement, visible
from agentctl.results import Finding, Location, Report, Severity, Verdict

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.ADVICE: "note"}
_ALERTS = OPEN | {Verdict.WAIVED}
# GitHub stores 5,000 results of a run, shows 100 places of each, and refuses a file of more than 20 runs.
MOST_RESULTS = 5_000
MOST_PLACES = 100
MOST_RUNS = 20
_LONGEST = 10_000  # characters of a message; it is shown in a page


def render(report: Report) -> str:
    """Return one SARIF log with a run for the report and for each of its parts that has results."""
    found = list(parts(report))
    if len(found) > MOST_RUNS:
        found.sort(key=lambda part: part.verdict is Verdict.PASS)
    runs = [_run(part, len(found) - MOST_RUNS) for part in found[:MOST_RUNS]]
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": runs}
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _run(report: Report, runs_left_out: int) -> dict[str, Any]:
    found = [finding for finding in report.results if finding.verdict in _ALERTS]
    alerts = found if len(found) <= MOST_RESULTS else worst_first(found)[:MOST_RESULTS]
    firsts = {one_line(finding.id): finding for finding in reversed(alerts)}
    rules = list(dict.fromkeys(one_line(finding.id) for finding in alerts))
    numbers = {rule: number for number, rule in enumerate(rules)}
    return {
        "tool": {
            "driver": {
                "name": "agentctl",
                "version": __version__,
                "semanticVersion": __version__,
                "rules": [_rule(rule, firsts[rule]) for rule in rules],
            }
        },
        "automationDetails": {"id": f"agentctl/{'/'.join(filter(None, (report.command, one_line(report.subject))))}/"},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(report, len(found) - len(alerts), runs_left_out)],
        "results": [
            _result(finding, numbers, print_) for finding, print_ in zip(alerts, fingerprints(alerts), strict=True)
        ],
        "properties": {"verdict": report.verdict.value, "summary": visible(report.summary)},
    }


def _invocation(report: Report, results: int, runs: int) -> dict[str, Any]:
    """What is left out for the sake of the host is said, so that nobody takes the log for all there is."""
    told: dict[str, Any] = {"executionSuccessful": report.exit_code in {0, 1}, "exitCode": report.exit_code}
    words = [
        f"{count} further {what} are left out here; the JSON format has all of them"
        for count, what in ((results, "results"), (runs, "runs"))
        if count > 0
    ]
    if words:
        told["toolExecutionNotifications"] = [{"level": "warning", "message": {"text": one}} for one in words]
    return told


def _rule(rule: str, first: Finding) -> dict[str, Any]:
    title = one_line(first.title) or rule or "finding"
    advice = visible(first.hint or "") or f"agentctl explain {rule} tells what it asks for and how to mend it."
    return {
        "id": rule,
        "shortDescription": {"text": title},
        "fullDescription": {"text": title},
        "help": {"text": advice},
        "defaultConfiguration": {"level": _LEVELS[first.severity]},
    }


def _result(finding: Finding, numbers: Mapping[str, int], fingerprint: tuple[str, int]) -> dict[str, Any]:
    rule = one_line(finding.id)
    first, *others = finding.evidence[:MOST_PLACES] or (Location(path="."),)
    name, place = fingerprint
    result: dict[str, Any] = {
        "ruleId": rule,
        "ruleIndex": numbers[rule],
        "level": _LEVELS[severity(finding)],
        "message": {"text": (statement(finding) or rule or "finding")[:_LONGEST]},
        "locations": [_location(first)],
        "partialFingerprints": {"primaryLocationLineHash": f"{name[:16]}:{place}", "agentctl/v1": f"{name}:{place}"},
    }
    if others:
        result["relatedLocations"] = [{"id": number, **_location(place)} for number, place in enumerate(others, 1)]
    if finding.verdict is Verdict.WAIVED:
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": statement(finding)}]
    return result


def _location(place: Location) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": _artifact(place.path)}
    if place.line:
        physical["region"] = _region(place)
    location: dict[str, Any] = {"physicalLocation": physical}
    if place.symbol:
        location["logicalLocations"] = [{"fullyQualifiedName": visible(place.symbol)}]
    return location


def _artifact(path: str) -> dict[str, str]:
    """Return the file as a URI; Python reads bytes of a file name that are no UTF-8 as lone surrogates."""
    try:
        raw = path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raw = path.encode("utf-8", "replace")
    uri = quote(raw, safe="/._-~")
    return {"uri": f"file://{uri}"} if path.startswith("/") else {"uri": uri or ".", "uriBaseId": "%SRCROOT%"}


def _region(place: Location) -> dict[str, int]:
    """Only what is known and in order: viewers refuse a region that ends before it starts."""
    line = place.line or 1
    region = {"startLine": line}
    if place.column:
        region["startColumn"] = place.column
    if place.end_line and place.end_line >= line:
        region["endLine"] = place.end_line
    ends_after = (place.end_line or line) > line or (place.end_column or 0) > (place.column or 0)
    if place.column and place.end_column and ends_after:
        region["endColumn"] = place.end_column
    return region
