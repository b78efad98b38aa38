"""One HTML file for people: the answer, what to do next, and everything that proves it, with filters and charts.

Nothing is fetched from anywhere, and the policy in the file's head lets no script run but the one that is written here.
Without scripts (Jenkins shows reports so) it is the same page without filters.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from xml.etree import ElementTree as ET

from agentctl import __version__
from agentctl.reporters._page import findings, overview
from agentctl.reporters._page.charts import chart
from agentctl.reporters._page.elements import Child, Ids, tag
from agentctl.reporters._page.verdicts import badge
from agentctl.reporters._values import one_line
from agentctl.results import Finding, Report, Section, Table

_ASSETS = Path(__file__).parent / "_page"
_NUMBER = re.compile(r"-|[<>≤≥~]?\s*-?[\d.,]+\s?(%|[mµun]?s|/s|[kMGT]?B)?")
_DEEPEST = 6
_KEYS = (("/", "search"), ("↑ ↓", "from finding to finding"), ("Enter", "open or close"), ("Esc", "clear the filters"))


def render(report: Report) -> str:
    """Return the report as one HTML document, the same for the same report."""
    page = tag("html", _head(report), _body(report), lang="en", data_theme="auto")
    return f"<!DOCTYPE html>\n{ET.tostring(page, encoding='unicode', method='html')}"


@cache
def _asset(name: str) -> str:
    return (_ASSETS / name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _head(report: Report) -> ET.Element:
    style, script = _asset("style.css"), _asset("script.js")
    policy = (
        f"default-src 'none'; style-src {_digest(style)}; script-src {_digest(script)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    css = tag("style")
    css.text = style
    return tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=policy),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", name="generator", content=f"agentctl {__version__}"),
        tag("title", " ".join(("agentctl", overview.name(report), f"({overview.ANSWERS.get(report.verdict)})"))),
        tag("link", rel="icon", href="data:,"),
        css,
    )


def _body(report: Report) -> ET.Element:
    ids = Ids("filters", "q", "severity", "section", "shown", "unfold", "main", "next-steps", "theme")
    named = [(part, ids.make(f"part-{one_line(part.command)}")) for part in report.projects]
    every = list(_every(report))
    content = list(_content(report, ids, 2))
    merged = [_part(part, anchor, ids, 2) for part, anchor in named]
    script = tag("script")
    script.text = _asset("script.js")
    return tag(
        "body",
        tag("a", "Skip to the report", href="#main", class_="skip"),
        tag(
            "main",
            overview.hero(report, every),
            overview.next_steps(report, ids.given),
            overview.cards(named) if named else None,
            overview.figures(report, overview.others(report)),
            _charts(report, ids),
            findings.toolbar(every) if len(every) > 1 else None,
            content,
            merged,
            id="main",
            tabindex="-1",
        ),
        _foot(report),
        script,
    )


def _every(report: Report) -> Iterator[Finding]:
    yield from _shown(report)
    for part in report.projects:
        yield from _every(part)


def _shown(report: Report) -> list[Finding]:
    """Return the findings that get a row; the steps of a merged report have their cards."""
    steps = {part.command for part in report.projects}
    return [finding for finding in report.results if finding.id not in steps]


def _part(part: Report, anchor: str, ids: Ids, level: int) -> ET.Element:
    """Return a part of a merged report, headed by its name and its answer."""
    answer = badge(part.verdict, overview.ANSWERS.get(part.verdict))
    inner = [(one, ids.make(f"part-{one_line(one.command)}")) for one in part.projects]
    return tag(
        "section",
        tag(_heading(level), answer, " ", tag("span", overview.name(part), class_="name"), id=anchor),
        tag("p", one_line(part.summary), class_="summary"),
        overview.figures(part, part.figures),
        _charts(part, ids),
        list(_content(part, ids, level + 1)),
        [_part(one, at, ids, level + 1) for one, at in inner],
        class_="part",
        aria_labelledby=anchor,
    )


def _heading(level: int) -> str:
    return f"h{min(level, _DEEPEST)}"


def _content(report: Report, ids: Ids, level: int) -> Iterator[ET.Element]:
    """Yield findings, tables, sections and remarks, each if there are any."""
    found = _shown(report)
    if found:
        yield from findings.listed(found, ids, _heading(level))
    yield from (_table(table, _heading(level)) for table in report.tables)
    yield from (_section(section, _heading(level)) for section in report.sections)
    if report.notes:
        yield tag("ul", [tag("li", one_line(note)) for note in report.notes], class_="notes", aria_label="Notes")


def _charts(report: Report, ids: Ids) -> ET.Element | None:
    return tag("div", [chart(series, ids) for series in report.series], class_="charts") if report.series else None


def _table(table: Table, heading: str) -> ET.Element:
    title = one_line(table.title)
    kinds = [_kind(column) for column in zip(*table.rows, strict=False)] or [None] * len(table.columns)
    heads = [
        tag("th", one_line(name), scope="col", class_=kind) for name, kind in zip(table.columns, kinds, strict=False)
    ]
    rows = [
        tag("tr", [tag("td", one_line(cell), class_=kind) for cell, kind in zip(row, kinds, strict=False)])
        for row in table.rows
    ]
    drawn = tag("table", tag("thead", tag("tr", heads)), tag("tbody", rows))
    scrolled = tag("div", drawn, class_="scroll", tabindex="0", role="region", aria_label=title or "Table")
    return tag("section", tag(heading, title) if title else None, scrolled, class_="table")


def _kind(cells: Iterable[str]) -> str | None:
    """Numbers are read from the right."""
    return "number" if all(_NUMBER.fullmatch(cell.strip()) for cell in cells) else None


def _section(section: Section, heading: str) -> ET.Element:
    """Lines keep their indentation: some are what a program said, or a difference between two files."""
    lines = [tag("p", line.rstrip()) for line in section.lines]
    return tag("section", tag(heading, one_line(section.title)), tag("div", lines, class_="lines"), class_="words")


def _foot(report: Report) -> ET.Element:
    keys: list[Child] = []
    for key, what in (
        ("/", "search"),
        ("↑ ↓", "from finding to finding"),
        ("Enter", "open or close"),
        ("Esc", "clear"),
    ):
        keys += [tag("kbd", key), f" {what} "]
    return tag(
        "footer",
        tag("p", f"agentctl {__version__}, exit code {report.exit_code}"),
        tag("p", keys, class_="keys", hidden=True),
        tag("button", "Theme: as the system", type="button", id="theme", hidden=True),
    )
