"""Findings that the file itself waives: ``# agentctl: disable=RULE reason``, on the line or on one of its own above it.

JSON has no comments: there a rule is switched off by ``[tool.agentctl.validate.disable]``.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import islice
from operator import itemgetter

from agentctl.documents import secrets
from agentctl.documents.frame import frame, harmless
from agentctl.documents.model import Span
from agentctl.documents.words import nearest
from agentctl.results import Finding, Location, Severity, Verdict
from agentctl.validation import catalogue

SIGN = "agentctl:"
MARK = f"{SIGN} disable="
MOST = 1_000  # in one file
_LINE_END = re.compile(r"\r\n|\n|\r")
_COMMENT = re.compile(r"#[ \t]*agentctl:[ \t]*disable=([\w,-]*)[ \t]*([^\r\n]*)")
_TOML = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*"{3,5}' r"|'''.*?'{3,5}(?!')" r'|"(?:[^"\\\n]|\\.)*"' r"|'[^'\n]*'|#[^\n]*", re.DOTALL
)
_SOME = re.compile(r"\S{3}")
_COMPARING = "change-"  # rules that only hold when versions are compared


@dataclass(frozen=True, kw_only=True)
class Suppression:
    """A comment that waives findings.

    Attributes:
        rules: The ids that it names.
        reason: Why; empty when it does not say.
        line: The line whose findings it waives.
        span: The comment itself.
        source: The comment's line.
    """

    rules: tuple[str, ...]
    reason: str
    line: int
    span: Span
    source: str


def read(text: str, form: str | None) -> list[Suppression]:
    """Return the suppressions in a ``yaml``, ``toml`` or ``csv`` text that can be parsed; at most ``MOST``."""
    if SIGN not in text or form not in _COMMENTS:
        return []
    found = list(islice(_COMMENT.finditer(text), MOST))
    inside = _COMMENTS[form](text) if found else ()
    starts = [0, *(match.end() for match in _LINE_END.finditer(text))]
    lines = _LINE_END.split(text)
    below = _lines_below(lines) if found else []
    return [_suppression(match, starts, lines, below) for match in found if _is_in(match.start(), inside) is not None]


def _suppression(
    match: re.Match[str], starts: Sequence[int], lines: Sequence[str], below: Sequence[int]
) -> Suppression:
    line = bisect_right(starts, match.start())
    column = match.start() - starts[line - 1] + 1
    alone = not lines[line - 1][: column - 1].strip()
    return Suppression(
        rules=tuple(filter(None, match[1].split(","))),
        reason=match[2].strip(" \t-:()"),
        line=below[line - 1] if alone else line,
        span=Span(line, column, line, column + len(match[0].rstrip())),
        source=lines[line - 1],
    )


def _lines_below(lines: Sequence[str]) -> list[int]:
    """Return for each line the number of the first one below that holds more than a comment, else its own."""
    below: list[int] = []
    found = 0
    for number, line in reversed(list(enumerate(lines, 1))):
        below.append(found or number)
        if line.strip() and line.strip()[0] != "#":
            found = number
    return below[::-1]


Extents = Sequence[tuple[int, int]]


def _is_in(offset: int, extents: Extents) -> tuple[int, int] | None:
    """Return the extent that an offset lies in; they are in order and apart."""
    place = bisect_right(extents, offset, key=itemgetter(0)) - 1
    return extents[place] if place >= 0 and offset < extents[place][1] else None


def _yaml_comments(text: str) -> Extents:
    """Return what lies between the scalars, which is where comments can be."""
    import yaml

    loader = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
    try:
        tokens = [token for token in yaml.scan(text, Loader=loader) if isinstance(token, yaml.ScalarToken)]
    except yaml.YAMLError:
        return ()
    starts = [0, *(token.end_mark.index for token in tokens)]
    ends = [*(token.start_mark.index for token in tokens), len(text)]
    return list(zip(starts, ends, strict=True))


def _toml_comments(text: str) -> Extents:
    return [match.span() for match in _TOML.finditer(text) if match[0].startswith("#")]


def _csv_comments(text: str) -> Extents:
    return [match.span() for match in re.finditer(r"^[ \t]*#[^\r\n]*", text, re.MULTILINE)]


_COMMENTS = {"yaml": _yaml_comments, "toml": _toml_comments, "csv": _csv_comments}


def applied(
    found: Sequence[Finding], suppressions: Mapping[str, Sequence[Suppression]], disabled: Collection[str]
) -> tuple[list[Finding], list[str]]:
    """Return the findings that stand, with those about the suppressions themselves, and a note on each waived one.

    Args:
        found: The findings of a run.
        suppressions: Those of each file, by the path that the findings name.
        disabled: The rules that the settings switch off, which need no comment and are not asked for one.
    """
    used: set[tuple[str, Span, str]] = set()
    kept: list[Finding] = []
    notes: list[str] = []
    for finding in found:
        place = finding.location
        waiving = _waiving(finding, suppressions.get(place.path, ()) if place else ())
        if waiving is None or place is None:
            kept.append(finding)
            continue
        used.add((place.path, waiving.span, finding.id))
        notes.append(f"waived: {place} {finding.id} ({_clean(waiving.reason)})")
    about = (one for path, some in suppressions.items() for each in some for one in _about(path, each, used))
    return [*kept, *(one for one, rule in about if rule not in disabled)], notes


def _waiving(finding: Finding, suppressions: Sequence[Suppression]) -> Suppression | None:
    line = finding.location.line if finding.location else None
    return next(
        (one for one in suppressions if one.line == line and finding.id in one.rules and _SOME.search(one.reason)), None
    )


def _about(
    path: str, suppression: Suppression, used: AbstractSet[tuple[str, Span, str]]
) -> Iterator[tuple[Finding, str]]:
    """Yield what is wrong with a suppression itself, with the rule that it names."""
    if not suppression.rules:
        hint = f"write # {MARK}RULE and the reason"
        yield _finding("suppression-unknown", path, suppression, "this comment names no rule", hint), ""
    for name in suppression.rules:
        told = _fault(name, suppression, used=(path, suppression.span, name) in used)
        if told is not None:
            yield _finding(told[0], path, suppression, told[1], told[2]), name


def _fault(name: str, suppression: Suppression, *, used: bool) -> tuple[str, str, str] | None:
    """Return id, message and hint of what is wrong with one rule of a suppression."""
    if name not in catalogue.ids():
        near = nearest(name, catalogue.ids())
        message = f"there is no rule `{name}`" + (f", did you mean `{near}`?" if near else "")
        return "suppression-unknown", message, f"write {MARK}{near}" if near else "agentctl explain lists the rules"
    if not _SOME.search(suppression.reason):
        message = f"`{name}` is not switched off: the comment gives no reason"
        return "suppression-reason", message, "say why in the same comment, after the rule"
    if not used and not name.startswith(_COMPARING):
        return "suppression-unused", f"`{name}` finds nothing in line {suppression.line}", "remove the comment"
    return None


def _finding(id: str, path: str, suppression: Suppression, message: str, hint: str) -> Finding:  # noqa: A002 - its name
    span = suppression.span
    return Finding(
        id=id,
        title=catalogue.title(id),
        verdict=Verdict.WARN,
        severity=Severity.WARNING,
        message=_clean(message),
        hint=hint,
        evidence=(
            Location(path=path, line=span.line, column=span.column, end_line=span.end_line, end_column=span.end_column),
        ),
        frame=frame(_clean(suppression.source), span),
    )


def _clean(text: str) -> str:
    return harmless(secrets.masked(text))
