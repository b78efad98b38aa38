"""What a person reads on a terminal or in a log.

Two shapes: findings of ``validate`` look like a compiler's (``path:line:col: error[ID]: message``, a frame, the mend),
those of every other command are a list under its groups with aligned verdicts.
"""

from __future__ import annotations

import math
import textwrap
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agentctl.reporters._values import by_group, figure, label, one_line, quantity, statement, visible
from agentctl.results import Figure, Finding, Report, Section, Series, Severity, Table, Verdict

_COLOURS = {
    Verdict.PASS: "32",
    Verdict.ATTESTED: "32",
    Verdict.FAIL: "31",
    Verdict.ERROR: "31",
    Verdict.INVALID: "31",
    Verdict.WARN: "33",
    Verdict.UNKNOWN: "35",
    Verdict.MANUAL: "36",
    Verdict.WAIVED: "36",
}
_BOLD, _DIM = "1", "2"
_LIKE_A_COMPILER = frozenset({"validate"})
_QUIET = frozenset({Verdict.PASS, Verdict.NOT_APPLICABLE, Verdict.SKIPPED})
_PLACES = 3
_NARROW = 60
_SMALLEST = 20
_FIRST_WIDE = "\u1100"  # below it no character takes two cells
_BARS = "▁▂▃▄▅▆▇█"
_ASCII = str.maketrans({
    "–": "-", "—": "-", "…": "...", "≤": "<=", "≥": ">=", "→": "->", "·": "-", "×": "x", "’": "'", "‘": "'",
    "“": '"', "”": '"', "«": '"', "»": '"', "\u00a0": " ", "─": "-", "│": "|", "✓": "+", "✗": "x", "•": "*", "µ": "u",
})  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class _Style:
    """How to draw.

    Attributes:
        width: Columns.
        colour: Use ANSI colours.
        ascii: The stream can write nothing else.
        whole_lines: Keep the first line of a finding in one piece, for ``grep`` and editors.
    """

    width: int = 80
    colour: bool = False
    ascii: bool = False
    whole_lines: bool = False

    def paint(self, text: str, code: str | None) -> str:
        return f"\033[{code}m{text}\033[0m" if self.colour and code and text else text


def render(
    report: Report, *, width: int = 80, colour: bool = False, ascii_only: bool = False, whole_lines: bool = False
) -> str:
    """Return the report as text.

    Args:
        report: What to draw.
        width: Columns to keep to; frames, and words longer than a line, may be wider.
        colour: Use ANSI colours.
        ascii_only: Write nothing but ASCII.
        whole_lines: Do not wrap the first line of a finding, so that ``grep`` and editors can read it.
    """
    style = _Style(width=max(width, _SMALLEST), colour=colour, ascii=ascii_only, whole_lines=whole_lines)
    text = "\n\n".join("\n".join(block) for block in _blocks(report, style) if block) + "\n"
    return text.translate(_ASCII).encode("ascii", "backslashreplace").decode() if ascii_only else text


def _blocks(report: Report, style: _Style) -> Iterator[list[str]]:
    """Yield what belongs together; an empty line goes between two blocks."""
    for part in report.projects:
        yield [style.paint(_heading(part, style), _BOLD)]
        yield from _blocks(part, style)
    yield from _results(report, style)
    yield _figures(report.figures, style)
    yield [line for series in report.series for line in _series(series, style)]
    for table in report.tables:
        yield _table(table, style)
    for section in report.sections:
        yield _section(section, style)
    yield [line for note in report.notes for line in _wrapped(note, style.width, hanging="  ")]
    yield [style.paint(line, _summary_colour(report)) for line in _wrapped(report.summary, style.width)]
    yield _next_steps(report.next_steps, style)


def _heading(part: Report, style: _Style) -> str:
    title = one_line(f"{part.command} {part.subject}")
    return f"-- {title} ".ljust(style.width, "-")[: max(style.width, _cells(title) + 4)]


def _summary_colour(report: Report) -> str:
    return f"{_BOLD};{_COLOURS.get(report.verdict, '39')}"


def _next_steps(steps: Sequence[str], style: _Style) -> list[str]:
    if not steps:
        return []
    numbered = enumerate(steps, 1)
    lines = (line for place, step in numbered for line in _wrapped(f"{place}. {step}", style.width, "  ", "     "))
    return [style.paint("Next steps", _BOLD), *lines]


def _results(report: Report, style: _Style) -> Iterator[list[str]]:
    if report.command in _LIKE_A_COMPILER:
        yield from (_diagnostic(finding, style) for finding in report.results)
        return
    ids = min(max((len(one_line(finding.id)) for finding in report.results), default=0), 16)
    block: list[str] = []
    for group, findings in by_group(report.results).items():
        if group not in {"", *(finding.id for finding in findings)}:  # a heading that says more than the line under it
            yield block
            block = [style.paint(one_line(group), _BOLD)]
        block += [line for finding in findings for line in _item(finding, ids, style)]
    yield block


def _diagnostic(finding: Finding, style: _Style) -> list[str]:
    place = f"{one_line(str(finding.location))}: " if finding.location else ""
    kind = _kind(finding)
    text = f"{place}{kind}[{one_line(finding.id)}]: {one_line(finding.message)}"
    lines = [text] if style.whole_lines else _wrapped(text, style.width, hanging="    ")
    if lines[0].startswith(place + kind):
        lines[0] = place + style.paint(kind, _kind_colour(finding)) + lines[0][len(place + kind) :]
    lines += _frame(finding, "")
    if finding.hint:
        lines += _wrapped(f"= {finding.hint}", style.width, "  ", "    ")
    return lines


def _kind(finding: Finding) -> str:
    if finding.verdict in {Verdict.FAIL, Verdict.WARN}:
        downgraded = finding.verdict is Verdict.WARN and finding.severity is Severity.ERROR
        return Severity.WARNING if downgraded else finding.severity
    return finding.verdict


def _kind_colour(finding: Finding) -> str | None:
    weaker = {Severity.WARNING: "33", Severity.ADVICE: "36"}
    return weaker.get(finding.severity) or _COLOURS.get(finding.verdict)


def _item(finding: Finding, ids: int, style: _Style) -> list[str]:
    """Return ``verdict  ID  title: message`` and, where something is open, the proof and the mend under it."""
    head = f"  {finding.verdict.value:<8} {one_line(finding.id):<{ids}}"
    narrow = style.width < _NARROW or len(one_line(finding.id)) > ids
    indent = " " * (4 if narrow else len(head) + 2)
    body = _wrapped(statement(finding) + _brief_place(finding), style.width, indent, indent)
    lines = [head.rstrip(), *body] if narrow or not body else [f"{head}  {body[0].lstrip()}", *body[1:]]
    word = finding.verdict.value
    lines[0] = f"  {style.paint(word, _COLOURS.get(finding.verdict, _DIM))}{lines[0][2 + len(word) :]}"
    return [*lines, *_proof(finding, indent, style)]


def _brief_place(finding: Finding) -> str:
    return f" ({finding.location})" if finding.location and finding.verdict in _QUIET else ""


def _proof(finding: Finding, indent: str, style: _Style) -> Iterator[str]:
    if finding.verdict in _QUIET:
        return
    for place in finding.evidence[:_PLACES]:
        yield from _wrapped(
            f"at {place}{f' {place.symbol}' if place.symbol else ''}", style.width, indent, indent + "   "
        )
    if len(finding.evidence) > _PLACES:
        more = len(finding.evidence) - _PLACES
        yield f"{indent}and {more} more place{'' if more == 1 else 's'}"
    yield from _frame(finding, indent)
    if finding.scope:
        yield from _wrapped(f"looked at {finding.scope}", style.width, indent, indent + "  ")
    if finding.hint:
        yield from _wrapped(f"= {finding.hint}", style.width, indent, indent + "  ")


def _frame(finding: Finding, indent: str) -> list[str]:
    return [indent + visible(line) for line in (finding.frame or "").splitlines()]


def _figures(figures: Sequence[Figure], style: _Style) -> list[str]:
    rows = [(label(item), figure(item)) for item in figures]
    room = min(max((_cells(name) for name, _ in rows), default=0), style.width // 2)
    return [line for name, value in rows for line in _pair(name, value, room, style)]


def _pair(name: str, value: str, room: int, style: _Style) -> list[str]:
    """Return a name and its value side by side, or one under the other where there is no room."""
    line = f"  {name}{' ' * (room - _cells(name))}  {value}"
    if _cells(line) <= style.width:
        return [line]
    return [*_wrapped(name, style.width, "  "), *_wrapped(value, style.width, "      ")]


def _series(series: Series, style: _Style) -> list[str]:
    values = [y for _x, y in series.points if math.isfinite(y)]
    name = one_line(series.name.replace("_", " "))
    if not values:
        return _wrapped(f"{name}: nothing was measured", style.width, "  ")
    span = f"{quantity(float(min(values)), series.unit)} to {quantity(float(max(values)), series.unit)}"
    room = style.width - _cells(name) - _cells(span) - 6
    bars = "" if style.ascii or room < len(_BARS) else f"  {_sparkline(values, min(room, 40))}"
    return [f"  {name}{bars}  {span}"]


def _sparkline(values: Sequence[float], room: int) -> str:
    """One bar per column; each is the highest value of its part, so that no peak is lost."""
    columns = min(room, len(values))
    parts = [values[len(values) * at // columns : len(values) * (at + 1) // columns] for at in range(columns)]
    top = max(values)
    return "".join(_BARS[min(int(max(0.0, max(part) / top) * 8), 7) if top > 0 else 0] for part in parts)


def _table(table: Table, style: _Style) -> list[str]:
    """Let rich measure and wrap the cells; it is loaded here only, so that plain findings never pay for it."""
    from io import StringIO

    from rich.box import Box
    from rich.console import Console
    from rich.table import Table as RichTable
    from rich.text import Text

    ruled = Box("    \n    \n -- \n    \n    \n    \n    \n    \n", ascii=True)
    drawn = RichTable(box=ruled, pad_edge=False, show_edge=False, header_style="", padding=(0, 1))
    for name in table.columns:
        drawn.add_column(Text(one_line(name)), overflow="fold")
    for row in table.rows:
        drawn.add_row(*(Text(one_line(cell)) for cell in row))
    out = StringIO()
    Console(file=out, width=style.width - 2, color_system=None, force_terminal=False, legacy_windows=False).print(drawn)
    title = [style.paint(one_line(table.title), _BOLD)] if table.title.strip() else []
    return [*title, *(f"  {line.rstrip()}" for line in out.getvalue().splitlines())]


def _section(section: Section, style: _Style) -> list[str]:
    lines = (line for text in section.lines for line in _wrapped(text, style.width, "  ", "    "))
    return [style.paint(one_line(section.title), _BOLD), *lines]


def _wrapped(text: str, width: int, first: str = "", hanging: str | None = None) -> list[str]:
    """Wrap words to a width in terminal cells: a wide character is followed by a filler while lines are measured."""
    filled = "".join(one if one < _FIRST_WIDE else one + "\1" * (_cells(one) - 1) for one in one_line(text))
    lines = textwrap.wrap(
        filled,
        max(width, len(first) + 8),
        initial_indent=first,
        subsequent_indent=first if hanging is None else hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line.replace("\1", "") for line in lines]


def _cells(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    return len(text) if text.isascii() else sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)
