"""What is kept of a file that was looked at: its findings, not its nodes, so that many files take little memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from agentctl.documents import engine
from agentctl.documents.model import BadDocumentError
from agentctl.documents.references import path_of
from agentctl.results import Finding
from agentctl.validation import checking, discovery, findings
from agentctl.validation.checking import Checked
from agentctl.validation.discovery import Candidate, Governance
from agentctl.validation.rules import rules_of
from agentctl.validation.suppressions import Suppression


class Together(NamedTuple):
    """What rules over several documents look at: a file's first document."""

    candidate: Candidate
    kind: str
    value: Any


class Source(NamedTuple):
    """What an outcome depends on beside what governs all files.

    Attributes:
        text: The file's text.
        schemas: The schema files that it leads to, there or not.
    """

    text: str
    schemas: tuple[str, ...]


class Outcome(NamedTuple):
    """What came of a file.

    Attributes:
        name: What the file is called in the report.
        governed: Whether a schema governs any of it.
        notice: What a person who named the file should know.
        unlisted: How many findings are too many to list.
        suppressions: What the file itself waives.
        together: What rules over several documents need of it.
        source: What it depends on; None where it cannot be kept for the next time.
    """

    name: str
    governed: bool = True
    notice: str | None = None
    findings: tuple[Finding, ...] = ()
    unlisted: int = 0
    suppressions: Mapping[str, list[Suppression]] | None = None
    together: Together | None = None
    source: Source | None = None

    @property
    def is_clean(self) -> bool:
        """Whether there is nothing to tell but that the file is fine."""
        told = self.notice or self.findings or self.suppressions or self.together
        return self.governed and not told


@cache
def _has_together(kind: str) -> bool:
    """Return whether the documents of a kind are also held against each other."""
    return any(rule.together for rule in rules_of(kind))


@cache
def _has_daily(kind: str) -> bool:
    """Return whether the documents of a kind are also held against the calendar."""
    return any(rule.daily for rule in rules_of(kind))


def look(candidate: Candidate, governance: Governance, disabled: AbstractSet[str]) -> Outcome | None:
    """Look at a file; None when nothing governs it and nobody named it."""
    checked = checking.check(candidate, governance, disabled)
    return None if checked is None else of(checked, governance)


def of(checked: Checked, governance: Governance) -> Outcome:
    """Return what is kept of a file."""
    found, unlisted = findings.findings(checked)
    return Outcome(
        name=checked.candidate.name,
        governed=checked.governed,
        notice=checked.notice,
        findings=tuple(found),
        unlisted=unlisted,
        suppressions=findings.suppressed(checked) or None,
        together=_together(checked),
        source=_source(checked, governance),
    )


def _together(checked: Checked) -> Together | None:
    first = checked.parts[0] if checked.parts else None
    if first is None or not _has_together(first.schema.kind):
        return None
    return Together(checked.candidate, first.schema.kind, first.value)


def _source(checked: Checked, governance: Governance) -> Source | None:
    """Return what the outcome depends on; None where that is more than files."""
    if not checked.text or checked.candidate.name == discovery.STDIN:
        return None
    if any(problem.id in {"encoding", "schema-unusable"} for problem in checked.problems):
        return None
    if any(_has_daily(part.schema.kind) for part in checked.parts):
        return None
    try:
        used = [address for part in checked.parts for address in engine.addresses(part.schema)]
    except BadDocumentError:
        return None
    if not all(address.startswith("file:") for address in used):
        return None  # found beside the schema by its name, which may be any file
    return Source(checked.text, (*_referred(checked, governance), *(str(path_of(one)) for one in used)))


def _referred(checked: Checked, governance: Governance) -> Iterator[str]:
    """Yield the schema files that the documents themselves name."""
    if governance.chosen is None:
        named = (name for part in checked.parts for name in discovery.references(part.document.value, checked.text))
        beside = (discovery.beside(name, Path(checked.candidate.at)) for name in named)
        yield from (str(path) for path in beside if path)
