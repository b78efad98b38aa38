"""CF: configuration."""

from __future__ import annotations

from agentctl.checklist.answer import Answer, counted, failed, not_applicable, passed, unknown
from agentctl.checklist.facts.index import Facts
from agentctl.checklist.ships import Ships
from agentctl.results import Location, Severity, Verdict


def cf01(facts: Facts, _ships: Ships) -> Answer:
    """Do the agent's configuration files pass ``agentctl validate``?

    Why: guide 3 "Configuration Validation", guide 2 "Configuration Management".
    Counts: the results of ``agentctl validate`` on the same tree: no error.
    Does not count: files that no schema governs.
    Closed: over the files that validate governs; n/a without any.
    Mend: ``agentctl validate`` shows each finding with its place and mend.
    """
    report = facts.validation
    governed = next((f.value for f in report.figures if f.name == "files"), 0) if report else 0
    if report is None or not governed:
        return not_applicable("there are no configuration files that agentctl validate governs")
    errors = [r for r in report.results if r.severity is Severity.ERROR and r.verdict in {Verdict.FAIL, Verdict.ERROR}]
    if errors:
        spots = [place for result in errors for place in result.evidence[:1]]
        return failed(f"agentctl validate finds {counted(errors, 'error')}", "run: agentctl validate", spots)
    if report.verdict is not Verdict.PASS:
        return unknown("agentctl validate gave no answer", "run: agentctl validate")
    return passed(report.summary or "agentctl validate finds no error", [Location(path=".")])
