"""Random reports out of every character there is, lone surrogates and control characters included."""

from __future__ import annotations

from hypothesis import strategies as st

from agentctl.results import (
    Confidence,
    Figure,
    Finding,
    Location,
    Report,
    Section,
    Series,
    Severity,
    Table,
    Verdict,
)

_SNIPPETS = [
    "\x1b[2J",
    "\r",
    "\n",
    "\0",
    "]]>",
    "</text>",
    "```",
    "|",
    "<b>",
    "[a](b)",
    "![a](b)",
    "@all",
    "\\",
    "\ud800",
]
words = st.lists(st.one_of(st.text(st.characters(), max_size=8), st.sampled_from(_SNIPPETS)), max_size=4).map("".join)
maybe = st.none() | words
_numbers = st.integers(1, 10**6)
_floats = st.floats(allow_nan=True, allow_infinity=True)

locations = st.builds(
    Location,
    path=words,
    line=st.none() | _numbers,
    column=st.none() | _numbers,
    end_line=st.none() | _numbers,
    end_column=st.none() | _numbers,
    symbol=maybe,
    pointer=maybe,
)
findings = st.builds(
    Finding,
    id=words,
    verdict=st.sampled_from(Verdict),
    severity=st.sampled_from(Severity),
    confidence=st.sampled_from(Confidence),
    message=words,
    title=words,
    hint=maybe,
    evidence=st.lists(locations, max_size=5).map(tuple),
    frame=maybe,
    scope=maybe,
    group=maybe,
    duration=st.none() | st.floats(0, 1e6),
)
figures = st.builds(Figure, name=words, value=st.none() | st.integers() | _floats | words, unit=words, label=words)
series = st.builds(
    Series,
    name=words,
    unit=words,
    x_unit=words,
    points=st.lists(st.tuples(_floats, _floats), max_size=9).map(tuple),
    limit=st.none() | _floats,
)
_columns = st.lists(words, min_size=1, max_size=3).map(tuple)
tables = _columns.flatmap(
    lambda columns: st.builds(
        Table,
        title=words,
        columns=st.just(columns),
        rows=st.lists(st.tuples(*[words] * len(columns)), max_size=3).map(tuple),
    )
)
sections = st.builds(Section, title=words, lines=st.lists(words, max_size=3).map(tuple))


def _some(strategy):
    return st.lists(strategy, max_size=2).map(tuple)


def _reports(parts):
    return st.builds(
        Report,
        command=st.sampled_from(["validate", "checklist", "loadtest", ""]),
        verdict=st.just(Verdict.FAIL),
        exit_code=st.just(1),
        summary=words,
        subject=words,
        figures=_some(figures),
        results=_some(findings),
        series=_some(series),
        tables=_some(tables),
        sections=_some(sections),
        notes=_some(words),
        next_steps=_some(words),
        projects=parts,
    )


reports = _reports(st.just(())) | _reports(_some(_reports(st.just(()))))
