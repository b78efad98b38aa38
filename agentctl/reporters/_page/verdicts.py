"""How verdicts look: a sign, a colour and a word, never a colour alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from xml.etree import ElementTree as ET

from agentctl.reporters._page.elements import bar, tag
from agentctl.results import Finding, Verdict

MARKS = {
    Verdict.INVALID: "‼", Verdict.ERROR: "‼", Verdict.FAIL: "✗", Verdict.WARN: "!", Verdict.UNKNOWN: "?",
    Verdict.MANUAL: "☞", Verdict.WAIVED: "‖", Verdict.ATTESTED: "✎", Verdict.PASS: "✓",
    Verdict.NOT_APPLICABLE: "-", Verdict.SKIPPED: "-",
}  # fmt: skip


def badge(verdict: Verdict, word: str | None = None) -> ET.Element:
    """Return a verdict as a sign, a colour and a word."""
    sign = tag("span", MARKS[verdict], aria_hidden="true")
    return tag("span", sign, f" {word or verdict.value}", class_=f"badge {tone(verdict)}")


def tone(verdict: Verdict) -> str:
    """Return the class that colours a verdict."""
    return "na" if verdict is Verdict.NOT_APPLICABLE else verdict.value


def counts(found: Iterable[Finding]) -> list[tuple[Verdict, int]]:
    """Return how many findings have each verdict, those that ask for something first."""
    counted = Counter(finding.verdict for finding in found)
    return [(verdict, counted[verdict]) for verdict in MARKS if counted[verdict]]


def words(found: Iterable[Finding]) -> str:
    """Return the counts in words."""
    return ", ".join(f"{count} {verdict}" for verdict, count in counts(found))


def shares(found: Sequence[Finding]) -> ET.Element:
    """Return the verdicts as one stacked bar; what stands is read from the left."""
    passed_first = sorted(counts(found), key=lambda pair: pair[0] is not Verdict.PASS)
    return bar(((tone(verdict), count) for verdict, count in passed_first), len(found), words(found))
