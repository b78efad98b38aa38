"""What a code host should show of a report: what is wrong, worst first, under names that stay when lines move."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from agentctl.reporters._values import BROKEN
from agentctl.results import Finding, Location, Report, Severity, Verdict

OPEN = BROKEN | {Verdict.FAIL, Verdict.WARN}
_ORDER = {severity: place for place, severity in enumerate(Severity)}


def severity(finding: Finding) -> Severity:
    """Return how much a finding weighs: a mere warning weighs less than its check does when it fails."""
    if finding.verdict is Verdict.WARN and finding.severity is Severity.ERROR:
        return Severity.WARNING
    return finding.severity


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings by weight; those of one weight stay in their order."""
    return sorted(findings, key=lambda finding: (_ORDER[severity(finding)], finding.verdict not in BROKEN))


def parts(report: Report) -> Iterator[Report]:
    """Yield the reports that hold findings of their own; a whole beside its parts keeps only what none of them says."""
    own = _own(report) if report.projects else report.results
    if own or not report.projects:
        yield replace(report, results=own, projects=())
    for part in report.projects:
        yield from parts(part)


def _own(report: Report) -> tuple[Finding, ...]:
    """What a whole says of a step or an item, that step's or item's part says with its places."""
    told = {name for part in report.projects for name in _told(part)}
    return tuple(one for one in report.results if one.id not in told and one.verdict in OPEN | {Verdict.WAIVED})


def _told(report: Report) -> Iterator[str]:
    yield report.command
    yield from (finding.id for finding in report.results)
    for part in report.projects:
        yield from _told(part)


def open_findings(report: Report) -> list[Finding]:
    """Return what is wrong, worst first; a part that says no, or could not answer, without a finding is one itself."""
    found: list[Finding] = []
    for part in parts(report):
        wrong = [finding for finding in part.results if finding.verdict in OPEN]
        if not wrong and part.verdict is not Verdict.PASS:
            wrong = [_whole(part)]
        found += wrong
    return worst_first(found)


def _whole(report: Report) -> Finding:
    name = f"agentctl {report.command}".strip()
    return Finding(id=name, verdict=report.verdict, message=report.summary, hint=next(iter(report.next_steps), None))


def fingerprints(findings: Iterable[Finding]) -> Iterator[tuple[str, int]]:
    """Yield what stays the same when lines and list items move, and the how-manieth finding of that name it is."""
    seen: Counter[str] = Counter()
    for finding in findings:
        place = finding.location or Location(path="")
        words = place.symbol or f"{_unnumbered(place.pointer or '')}\0{_unnumbered(finding.message)}"
        text = f"{finding.id}\0{place.path}\0{words}"
        print_ = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
        seen[print_] += 1
        yield print_, seen[print_]


def _unnumbered(text: str) -> str:
    return re.sub(r"\d+", "0", text)
