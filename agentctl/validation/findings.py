"""From problems to findings: place, frame and words, with every secret masked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

from agentctl.documents import reading, secrets
from agentctl.documents.frame import frame, harmless
from agentctl.documents.model import Document, Pointer, Problem, Span, json_pointer
from agentctl.results import Finding, Location, Severity, Verdict
from agentctl.validation import catalogue, suppressions
from agentctl.validation.checking import Checked, Part
from agentctl.validation.suppressions import Suppression

_LINE_END = re.compile(r"\r\n|\n|\r")
_LONGEST_LINE = 10_000
MOST = 200  # findings of one file
_ORDER = {severity: place for place, severity in enumerate(Severity)}
_VERDICTS = {Severity.ERROR: Verdict.FAIL, Severity.WARNING: Verdict.WARN, Severity.ADVICE: Verdict.WARN}


def findings(checked: Checked) -> tuple[list[Finding], int]:
    """Return what was found in a file, and how many further findings are too many to list: the worst come first."""
    problems = list(_problems(checked))
    if not problems:
        return [], 0
    writer = _Writer(checked)
    worst = sorted(problems, key=lambda found: _ORDER[found[0].severity])[:MOST]
    return [writer.finding(problem, document, table) for problem, document, table in worst], len(problems) - len(worst)


def suppressed(checked: Checked) -> dict[str, list[Suppression]]:
    """Return what a file itself waives, by the path that its findings name."""
    if suppressions.SIGN not in checked.text or not checked.parts:
        return {}
    found = suppressions.read(checked.text, reading.format_of(checked.candidate.name) or "yaml")
    return {harmless(checked.candidate.name): found} if found else {}


def _problems(checked: Checked) -> Iterator[tuple[Problem, Document | None, Pointer]]:
    yield from ((problem, None, ()) for problem in checked.problems)
    for part in checked.parts:
        yield from ((problem, part.document, ()) for problem in part.document.problems)
        yield from ((problem, part.document, part.table) for problem in part.problems)


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
        return _LINE_END.split(secrets.without_keys(self._checked.text))

    def _frame(self, span: Span) -> str | None:
        if span.line > len(self._lines):
            return None
        return frame(secrets.masked(self._lines[span.line - 1][:_LONGEST_LINE], self._secrets), span)

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
            frame=self._frame(span) if span else None,
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
