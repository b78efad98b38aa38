"""Outcomes as plain values, and back: what the cache holds of a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from agentctl.documents.frame import harmless
from agentctl.documents.model import Span
from agentctl.results import Finding, Location, Severity, Verdict
from agentctl.validation.discovery import Candidate
from agentctl.validation.outcome import Outcome, Together
from agentctl.validation.suppressions import Suppression

_WORDS = ("id", "title", "message", "hint", "frame")  # of a finding of validate; the rest are defaults


def told(outcome: Outcome) -> dict[str, Any]:
    """Return an outcome as lists, mappings, texts and numbers; empty when the file is simply fine."""
    if outcome.is_clean:
        return {}
    together, waived = outcome.together, (outcome.suppressions or {}).values()
    return {
        "governed": outcome.governed,
        "notice": outcome.notice,
        "unlisted": outcome.unlisted,
        "findings": [_plain(one) for one in outcome.findings],
        "suppressions": [asdict(one) | {"span": tuple(one.span)} for some in waived for one in some],
        "together": [together.kind, together.value] if together else None,
    }


def outcome(candidate: Candidate, told: Mapping[str, Any]) -> Outcome:
    """Return the outcome of a file from what was told of it."""
    waived = [
        Suppression(**one | {"span": Span(*one["span"]), "rules": tuple(one["rules"])}) for one in told["suppressions"]
    ]
    together = told["together"]
    return Outcome(
        name=candidate.name,
        governed=told["governed"],
        notice=told["notice"],
        unlisted=told["unlisted"],
        findings=tuple(map(_finding, told["findings"])),
        suppressions={harmless(candidate.name): waived} if waived else None,
        together=Together(candidate, *together) if together else None,
    )


def _plain(finding: Finding) -> dict[str, Any]:
    words = {name: getattr(finding, name) for name in _WORDS}
    evidence = [asdict(place) for place in finding.evidence]
    return words | {"verdict": finding.verdict.value, "severity": finding.severity.value, "evidence": evidence}


def _finding(told: Mapping[str, Any]) -> Finding:
    known = {
        "verdict": Verdict(told["verdict"]),
        "severity": Severity(told["severity"]),
        "evidence": tuple(Location(**place) for place in told["evidence"]),
    }
    return Finding(**{**told, **known})
