"""SARIF 2.1.0 for code scanning: what is wrong and where; what passed, or could not be decided, raises no alert."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

from agentctl import __version__
from agentctl.reporters._values import BROKEN, one_line, statement, visible
from agentctl.results import Finding, Location, Report, Severity, Verdict

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.ADVICE: "note"}
_ALERTS = BROKEN | {Verdict.FAIL, Verdict.WARN, Verdict.WAIVED}


def render(report: Report) -> str:
    """Return one SARIF log with a run for the report and for each of its parts that has results."""
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [_run(part) for part in _parts(report)]}
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _parts(report: Report) -> Iterator[Report]:
    if report.results or not report.projects:
        yield report
    for part in report.projects:
        yield from _parts(part)


def _run(report: Report) -> dict[str, Any]:
    alerts = [finding for finding in report.results if finding.verdict in _ALERTS]
    rules = list(dict.fromkeys(one_line(finding.id) for finding in alerts))
    return {
        "tool": {
            "driver": {
                "name": "agentctl",
                "version": __version__,
                "semanticVersion": __version__,
                "rules": [_rule(rule, alerts) for rule in rules],
            }
        },
        "automationDetails": {"id": f"agentctl/{'/'.join(filter(None, (report.command, one_line(report.subject))))}/"},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": report.exit_code in {0, 1}, "exitCode": report.exit_code}],
        "results": [
            _result(finding, rules, print_) for finding, print_ in zip(alerts, _fingerprints(alerts), strict=True)
        ],
        "properties": {"verdict": report.verdict.value, "summary": visible(report.summary)},
    }


def _rule(rule: str, alerts: Iterable[Finding]) -> dict[str, Any]:
    first = next(finding for finding in alerts if one_line(finding.id) == rule)
    title = one_line(first.title) or rule or "finding"
    advice = visible(first.hint or "") or f"agentctl explain {rule} tells what it asks for and how to mend it."
    return {
        "id": rule,
        "shortDescription": {"text": title},
        "fullDescription": {"text": title},
        "help": {"text": advice},
        "defaultConfiguration": {"level": _LEVELS[first.severity]},
    }


def _result(finding: Finding, rules: list[str], fingerprint: str) -> dict[str, Any]:
    rule = one_line(finding.id)
    first, *others = finding.evidence or (Location(path="."),)
    result: dict[str, Any] = {
        "ruleId": rule,
        "ruleIndex": rules.index(rule),
        "level": _level(finding),
        "message": {"text": statement(finding) or rule or "finding"},
        "locations": [_location(first)],
        "partialFingerprints": {"agentctl/v1": fingerprint},
    }
    if others:
        result["relatedLocations"] = [{"id": number, **_location(place)} for number, place in enumerate(others, 1)]
    if finding.verdict is Verdict.WAIVED:
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": statement(finding)}]
    return result


def _level(finding: Finding) -> str:
    if finding.verdict is Verdict.WARN and finding.severity is Severity.ERROR:
        return "warning"
    return _LEVELS[finding.severity]


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


def _fingerprints(findings: Iterable[Finding]) -> Iterator[str]:
    """Yield what stays the same when lines move: rule, file and symbol, and which of several such findings it is."""
    seen: Counter[tuple[str, ...]] = Counter()
    for finding in findings:
        place = finding.location or Location(path="")
        words = place.symbol or place.pointer or re.sub(r"\d+", "0", finding.message)
        key = (finding.id, place.path, words)
        seen[key] += 1
        text = "\0".join((*key, str(seen[key])))
        yield hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
