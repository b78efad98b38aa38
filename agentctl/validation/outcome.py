"""What is kept of a file that was looked at: its findings, not its nodes, so that many files take little memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, NamedTuple

from agentctl.documents import engine, reading
from agentctl.documents.model import BadDocumentError, Document, Pointer, Span
from agentctl.results import Finding
from agentctl.validation import checking, discovery, findings
from agentctl.validation.checking import Checked
from agentctl.validation.discovery import Candidate, Governance
from agentctl.validation.rules import rules_of
from agentctl.validation.suppressions import Suppression


class Outcome(NamedTuple):
    """What came of a file.

    Attributes:
        name: What the file is called in the report.
        governed: Whether a schema governs any of it.
        notice: What a person who named the file should know.
        unlisted: How many findings are too many to list.
        suppressions: What the file itself waives.
        checked: The file, where rules of several documents still need it.
        text: The file's text, where the outcome depends on it and on what governs it alone; else empty.
    """

    name: str
    governed: bool = True
    notice: str | None = None
    findings: tuple[Finding, ...] = ()
    unlisted: int = 0
    suppressions: Mapping[str, list[Suppression]] | None = None
    checked: Checked | None = None
    text: str = ""

    @property
    def is_clean(self) -> bool:
        """Whether there is nothing to tell but that the file is fine."""
        told = self.notice or self.findings or self.suppressions or self.checked
        return self.governed and not told


@cache
def has_together(kind: str) -> bool:
    """Return whether the documents of a kind are also held against each other."""
    return any(rule.together for rule in rules_of(kind))


@cache
def has_daily(kind: str) -> bool:
    """Return whether the documents of a kind are also held against the calendar."""
    return any(rule.daily for rule in rules_of(kind))


def look(candidate: Candidate, governance: Governance, disabled: AbstractSet[str]) -> Outcome | None:
    """Look at a file; None when nothing governs it and nobody named it."""
    checked = checking.check(candidate, governance, disabled)
    return None if checked is None else of(checked, governance)


def of(checked: Checked, governance: Governance) -> Outcome:
    """Return what is kept of a file."""
    together = any(has_together(part.schema.kind) for part in checked.parts)
    found, unlisted = findings.findings(checked)
    return Outcome(
        name=checked.candidate.name,
        governed=checked.governed,
        notice=checked.notice,
        findings=tuple(found),
        unlisted=unlisted,
        suppressions=findings.suppressed(checked) or None,
        checked=_light(checked) if together else None,
        text="" if together or not _stands_alone(checked, governance) else checked.text,
    )


def _stands_alone(checked: Checked, governance: Governance) -> bool:
    """Return whether the outcome depends on nothing but the text and the schemas that the settings and options name."""
    if not checked.text or checked.candidate.name == discovery.STDIN:
        return False
    if any(problem.id in {"encoding", "schema-unusable"} for problem in checked.problems):
        return False
    if any(has_daily(part.schema.kind) for part in checked.parts):
        return False
    values = [part.document.value for part in checked.parts]
    if governance.chosen is None and any(next(discovery.references(one, checked.text), None) for one in values):
        return False
    try:
        return not any(engine.reads_files(part.schema) for part in checked.parts)
    except BadDocumentError:
        return False


def _light(checked: Checked) -> Checked:
    """Return the file without its nodes: its places are read anew when one is asked for."""
    form = reading.format_of(checked.candidate.name)
    if form is None:
        return checked
    again = cache(partial(_documents, checked.text, form))
    documents = (part.document._replace(locate=_Places(again, part.document.value)) for part in checked.parts)
    parts = (part._replace(document=document) for part, document in zip(checked.parts, documents, strict=True))
    return checked._replace(parts=tuple(parts))


def _documents(text: str, form: str) -> tuple[Document, ...]:
    return reading.parse(text.encode("utf-8", "surrogatepass"), form).documents


@dataclass(frozen=True)
class _Places:
    again: Callable[[], tuple[Document, ...]]
    value: Any

    def __call__(self, pointer: Pointer, *, at_key: bool) -> Span | None:
        document = next((one for one in self.again() if one.value == self.value), None)
        return document.locate(pointer, at_key=at_key) if document else None
