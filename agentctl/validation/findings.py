"""From problems to findings: place, frame and words, with every secret masked."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from agentctl.documents import secrets
from agentctl.documents.frame import frame, harmless
from agentctl.documents.model import Document, Pointer, Problem, Span, json_pointer
from agentctl.results import Finding, Location, Severity, Verdict
from agentctl.validation import catalogue
from agentctl.validation.checking import Checked, Part

_VERDICTS = {Severity.ERROR: Verdict.FAIL, Severity.WARNING: Verdict.WARN, Severity.ADVICE: Verdict.WARN}


def findings(checked: Checked) -> Iterator[Finding]:
    """Yield what was found in a file."""
    writer = _Writer(checked)
    for problem in checked.problems:
        yield writer.finding(problem, None, ())
    for part in checked.parts:
        for problem in (*part.document.problems, *part.problems):
            yield writer.finding(problem, part.document, part.table if problem in part.problems else ())


def finding(checked: Checked, part: Part, problem: Problem) -> Finding:
    """Return one problem of a part as a finding."""
    return _Writer(checked).finding(problem, part.document, part.table)


class _Writer:
    def __init__(self, checked: Checked) -> None:
        self._checked = checked

    @cached_property
    def _secrets(self) -> tuple[str, ...]:
        known = {text for part in self._checked.parts for text in secrets.known_in(part.document.value)}
        return tuple(sorted(known, key=len, reverse=True))

    @cached_property
    def _lines(self) -> list[str]:
        """The source as it may be shown."""
        return secrets.masked(self._checked.text, self._secrets).replace("\r\n", "\n").replace("\r", "\n").split("\n")

    def finding(self, problem: Problem, document: Document | None, table: Pointer) -> Finding:
        span = problem.span
        if span is None and document is not None:
            span = _place(document, (*table, *problem.pointer), at_key=problem.at_key)
        return Finding(
            id=problem.id,
            title=catalogue.title(problem.id),
            verdict=_VERDICTS[problem.severity],
            severity=problem.severity,
            message=self._clean(problem.message),
            hint=self._clean(problem.hint) if problem.hint else None,
            evidence=(self._location(span, (*table, *problem.pointer), document),),
            frame=frame(self._lines, span) if span else None,
        )

    def _location(self, span: Span | None, pointer: Pointer, document: Document | None) -> Location:
        name = harmless(self._checked.candidate.name)
        told = self._clean(json_pointer(pointer)) if document else None
        if span is None:
            return Location(path=name, pointer=told)
        return Location(
            path=name,
            line=span.line,
            column=span.column,
            end_line=span.end_line,
            end_column=span.end_column,
            pointer=told,
        )

    def _clean(self, text: str) -> str:
        return harmless(secrets.masked(text, self._secrets))


def _place(document: Document, pointer: Pointer, *, at_key: bool) -> Span | None:
    span = document.locate(pointer, at_key=at_key)
    if span is None or pointer:
        return span
    return Span(span.line, span.column, span.line, span.column + 1)  # the document as a whole: where it starts
