"""What every command returns: frozen values from which each reporter draws its format."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

REPORT_SCHEMA = "urn:agentctl:schemas:report:1"


class Verdict(StrEnum):
    """The answer to one question. A report's own verdict is pass, fail or invalid."""

    PASS = "pass"
    FAIL = "fail"
    WARN = "warn"
    UNKNOWN = "unknown"
    MANUAL = "manual"
    ATTESTED = "attested"
    WAIVED = "waived"
    NOT_APPLICABLE = "n/a"
    SKIPPED = "skipped"
    ERROR = "error"
    INVALID = "invalid"


class Severity(StrEnum):
    """How much a finding weighs: an error fails a command, a warning and advice do not."""

    ERROR = "error"
    WARNING = "warning"
    ADVICE = "advice"


class Confidence(StrEnum):
    """How sure a finding is of its verdict."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, kw_only=True)
class Location:
    """A place that proves a finding.

    Attributes:
        path: Relative to the project or the working folder, with forward slashes.
        line: 1-based; None for the file as a whole.
        column: 1-based, in characters; None for the line as a whole.
        end_line: 1-based, inclusive.
        end_column: 1-based, exclusive.
        symbol: The resolved name that was seen there, such as ``tenacity.retry``.
        pointer: RFC 6901 JSON pointer into a document.
    """

    path: str
    line: int | None = None
    column: int | None = None
    end_line: int | None = None
    end_column: int | None = None
    symbol: str | None = None
    pointer: str | None = None

    def __str__(self) -> str:
        return ":".join(str(part) for part in (self.path, self.line, self.column) if part is not None)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One question and its answer: a broken rule, a checklist item, a suite, a gate.

    Attributes:
        id: Stable id of the rule, check, suite or gate.
        title: The question in a few words; the same for every finding of an id.
        verdict: The answer.
        severity: How much a failure weighs.
        message: What was found, in words of the domain, one sentence.
        hint: What to do about it (the mend, or what would settle it).
        evidence: The places that prove it.
        frame: Source lines with a caret, ready to print, without colour.
        scope: What was looked at ("214 of 217 files, 3 did not parse").
        confidence: How sure the verdict is.
        group: A heading to list it under (a family of checks, a file).
        duration: Seconds that it took, where it is a run.
        beneath: What the verdict would be without the waiver or attestation that is over it.
    """

    id: str
    verdict: Verdict
    message: str
    title: str = ""
    severity: Severity = Severity.ERROR
    hint: str | None = None
    evidence: tuple[Location, ...] = ()
    frame: str | None = None
    scope: str | None = None
    confidence: Confidence = Confidence.HIGH
    group: str | None = None
    duration: float | None = None
    beneath: Verdict | None = None

    @property
    def location(self) -> Location | None:
        """The first place, or None."""
        return self.evidence[0] if self.evidence else None


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A number that the report states.

    Attributes:
        name: Stable key, such as ``p95``.
        value: None when it could not be measured.
        unit: ``s``, ``ms``, ``%``, ``1/s``, ``B`` or empty for a count.
        label: What a person reads; the name where empty.
    """

    name: str
    value: float | int | str | None
    unit: str = ""
    label: str = ""


@dataclass(frozen=True, kw_only=True)
class Series:
    """Values over time or over a quantity: pairs (x, y) in ascending x; ``limit`` is what y must keep."""

    name: str
    points: tuple[tuple[float, float], ...]
    unit: str = ""
    x_unit: str = "s"
    limit: float | None = None


@dataclass(frozen=True, kw_only=True)
class Table:
    """Rows of cells under column names, ready to print."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, kw_only=True)
class Section:
    """A titled part of a report: paragraphs or list items, one string each."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Report:
    """All that a command has to say; every format is drawn from it alone.

    Attributes:
        command: ``new``, ``validate``, ``test``, ``loadtest``, ``checklist``, ``explain`` or ``ci``.
        verdict: PASS, FAIL or INVALID (no answer).
        exit_code: What the process exits with.
        summary: The answer in one sentence.
        results: One finding for each question asked; for ``validate`` only what was found.
        notes: Remarks for a person that are no finding.
        next_steps: Commands or deeds, most useful first.
        projects: Reports of the parts, for ``ci`` and monorepos.
    """

    command: str
    verdict: Verdict
    exit_code: int
    summary: str
    subject: str = ""
    figures: tuple[Figure, ...] = ()
    results: tuple[Finding, ...] = ()
    series: tuple[Series, ...] = ()
    tables: tuple[Table, ...] = ()
    sections: tuple[Section, ...] = ()
    notes: tuple[str, ...] = ()
    next_steps: tuple[str, ...] = ()
    projects: tuple[Report, ...] = field(default=())
