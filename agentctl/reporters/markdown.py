"""Markdown for a pull request comment or a CI step summary; no word of a report can become markup."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from agentctl.reporters._alerts import OPEN, worst_first
from agentctl.reporters._values import by_group, figure, label, one_line, quantity, visible
from agentctl.results import Finding, Report, Section, Series, Table, Verdict

LIMIT = 1_000_000  # bytes; a step summary may hold 1 MiB, and a longer one is refused as a whole
_MOST = 200  # findings of a part, where the whole would be too long
_CUT = "*The report is longer than a step summary may be; the JSON and HTML formats have all of it.*"
_LEADING = re.compile(r"^(\d*)([-+.)])(?=[-\s]|$)")  # would begin a list or draw a rule
_MARKUP = re.compile(r"([\\`*_\[\]#!|~$])")
_QUIET = frozenset({Verdict.PASS, Verdict.NOT_APPLICABLE, Verdict.SKIPPED})
_MARKS = {
    Verdict.PASS: "✅", Verdict.FAIL: "❌", Verdict.WARN: "⚠️", Verdict.UNKNOWN: "❔", Verdict.MANUAL: "✋",
    Verdict.ATTESTED: "☑️", Verdict.WAIVED: "⏸️", Verdict.ERROR: "💥", Verdict.INVALID: "💥",
}  # fmt: skip


def render(report: Report) -> str:
    """Return the report as GitHub-flavoured Markdown of less than 1 MiB; too long a one loses its mildest findings."""
    text = "\n\n".join(_blocks(report, level=2)) + "\n"
    if len(text.encode()) <= LIMIT:
        return text
    return "\n\n".join(_within(_blocks(_shortened(report), level=2), LIMIT)) + "\n"


def _shortened(report: Report) -> Report:
    """Keep the worst findings of each part, so that a long part does not push the others out."""
    parts = tuple(map(_shortened, report.projects))
    if len(report.results) <= _MOST:
        return replace(report, projects=parts)
    shown = f"{_MOST} of {len(report.results)} findings are shown, the worst first"
    note = f"{shown}; the JSON and HTML formats have all of them."
    worst = sorted(worst_first(report.results), key=lambda finding: finding.verdict not in OPEN)[:_MOST]
    return replace(report, results=tuple(worst), projects=parts, notes=(note, *report.notes))


def escaped(text: str) -> str:
    """Return plain words as Markdown that shows exactly them; mentions stay words too."""
    plain = html.escape(one_line(text), quote=False)
    return _unmentioned(_LEADING.sub(r"\1\\\2", _MARKUP.sub(r"\\\1", plain)))


def _unmentioned(text: str) -> str:
    return text.replace("@", "@\u200b")


def code(text: str) -> str:
    """Return words as a code span, fenced by more backticks than they hold."""
    plain = one_line(text)
    fence = "`" * (_longest_run(plain) + 1)
    pad = " " if plain.startswith("`") or plain.endswith("`") or not plain else ""
    return f"{fence}{pad}{plain}{pad}{fence}"


def _within(blocks: Iterable[str], limit: int) -> Iterator[str]:
    left = limit - len(_CUT.encode())
    for block in blocks:
        left -= len(block.encode()) + 2
        if left < 0:
            yield _CUT
            return
        yield block


def _blocks(report: Report, *, level: int) -> Iterator[str]:
    title = " ".join(filter(None, ("agentctl", one_line(report.command), one_line(report.subject))))
    yield f"{'#' * min(level, 6)} {_MARKS.get(report.verdict, '')} {escaped(title)}"
    yield f"**{escaped(report.summary)}**" if report.summary.strip() else f"**{report.verdict}**"
    if report.figures:
        yield _table(("figure", "value"), [(label(item), figure(item)) for item in report.figures])
    if report.next_steps:
        yield "**Next steps**"
        yield "\n".join(f"{place}. {escaped(step)}" for place, step in enumerate(report.next_steps, 1))
    yield from _results(report.results)
    for series in report.series:
        yield _series(series)
    for table in report.tables:
        yield from _titled_table(table)
    for section in report.sections:
        yield from _section(section)
    if report.notes:
        yield _items(report.notes)
    for part in report.projects:
        yield from _blocks(part, level=level + 1)


def _results(findings: Sequence[Finding]) -> Iterator[str]:
    for group, found in by_group(findings).items():
        if group:
            yield f"**{escaped(group)}**"
        yield _table_of(("verdict", "id", "what", "where"), [_row(finding) for finding in found])
    yield from (_details(finding) for finding in findings if finding.verdict not in _QUIET and _has_details(finding))


def _row(finding: Finding) -> tuple[str, ...]:
    place = code(str(finding.location)).replace("|", "\\|") if finding.location else ""
    title, message = escaped(finding.title), escaped(finding.message)
    words = f"{title}: {message}" if title and message and title != message else title or message
    return f"{_MARKS.get(finding.verdict, '')} {finding.verdict}".strip(), escaped(finding.id), words, place


def _has_details(finding: Finding) -> bool:
    return bool(finding.frame or finding.hint or finding.evidence[1:] or finding.scope)


def _details(finding: Finding) -> str:
    """A block that opens on a click: the frame, the other places and the mend."""
    title = one_line(f"{finding.verdict}: {finding.id} {finding.location or ''}")
    summary = f"<summary>{_unmentioned(html.escape(title))}</summary>"
    parts = [
        _fenced(finding.frame) if finding.frame else "",
        _items(map(_place, finding.evidence), raw=True),
        f"Looked at: {escaped(finding.scope)}" if finding.scope else "",
        f"**Mend:** {escaped(finding.hint)}" if finding.hint else "",
    ]
    return "\n\n".join(["<details>" + summary, *filter(None, parts), "</details>"])


def _place(place: object) -> str:
    symbol = getattr(place, "symbol", None)
    return code(str(place)) + (f" {code(symbol)}" if symbol else "")


def _fenced(text: str) -> str:
    plain = visible(text.rstrip("\n"))
    fence = "`" * max(3, _longest_run(plain) + 1)
    return f"{fence}text\n{plain}\n{fence}"


def _series(series: Series) -> str:
    values = [float(y) for _x, y in series.points if math.isfinite(y)]
    if not values:
        return escaped(f"{series.name}: nothing was measured")
    low, high, last = (quantity(value, series.unit) for value in (min(values), max(values), values[-1]))
    return escaped(f"{series.name}: {low} to {high}, at the end {last} ({len(values)} points)")


def _titled_table(table: Table) -> Iterator[str]:
    if table.title.strip():
        yield f"**{escaped(table.title)}**"
    yield _table(table.columns, table.rows)


def _section(section: Section) -> Iterator[str]:
    yield f"**{escaped(section.title)}**"
    if section.lines:
        yield _items(section.lines)


def _items(lines: Iterable[str], *, raw: bool = False) -> str:
    return "\n".join(f"- {line if raw else escaped(line)}" for line in lines)


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return _table_of([escaped(name) for name in columns], [[escaped(cell) for cell in row] for row in rows])


def _table_of(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    ruler = ["---"] * len(columns)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (columns, ruler, *rows))


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)
