from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from reporters.samples import ALL, CHECKLIST, HOSTILE, LOADTEST, VALIDATE
from reporters.strategies import reports

from agentctl.reporters import text
from agentctl.results import Finding, Location, Report, Series, Verdict

_COLOUR = re.compile("\x1b\\[[0-9;]*m")


def _cells(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in line)


def test_narrow_terminals_have_their_own_golden_file(sample, golden):
    name, report = sample
    golden(f"{name}.40.text", text.render(report, width=40))


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("report", [VALIDATE, CHECKLIST, LOADTEST], ids=lambda report: report.command)
def test_lines_keep_to_the_width(report, width):
    frames = {line for finding in report.results for line in (finding.frame or "").splitlines()}
    lines = text.render(report, width=width).splitlines()

    assert [line for line in lines if _cells(line) > width and line.strip() not in {f.strip() for f in frames}] == []


@pytest.mark.parametrize(("count", "told"), [(3, None), (4, "and 1 more place"), (5, "and 2 more places")])
def test_further_places_are_counted(count, told):
    places = tuple(Location(path=f"{number}.py") for number in range(count))
    finding = Finding(id="CQ01", verdict=Verdict.FAIL, message="bad", evidence=places)
    report = Report(command="checklist", verdict=Verdict.FAIL, exit_code=1, summary="bad", results=(finding,))
    lines = [line.strip() for line in text.render(report).splitlines()]

    assert [line for line in lines if line.startswith("and ")] == ([told] if told else [])


def test_wide_characters_are_measured_in_cells():
    report = Report(command="test", verdict=Verdict.PASS, exit_code=0, summary="日本語 " * 30)

    assert {_cells(line) for line in text.render(report, width=40).splitlines()} <= set(range(34, 41))


def test_in_a_pipe_a_finding_stays_on_one_line():
    first = text.render(VALIDATE, width=40, whole_lines=True).splitlines()[0]

    assert first == (
        "configs/agent.yaml:12:3: error[schema/unknown-key]: unknown key 'temprature' in model, "
        "did you mean 'temperature'?"
    )


def test_colour_adds_nothing_but_colour(sample):
    _, report = sample
    plain, coloured = text.render(report), text.render(report, colour=True)

    assert "\x1b" not in plain
    assert coloured != plain
    assert _COLOUR.sub("", coloured) == plain


def test_a_path_that_looks_like_the_verdict_is_not_coloured_in_its_place():
    found = Finding(id="x", verdict=Verdict.FAIL, message="m", evidence=(text_location("error[x"),))
    report = Report(command="validate", verdict=Verdict.FAIL, exit_code=1, summary="s", results=(found,))

    assert text.render(report, colour=True).startswith("error[x: \x1b[31merror\x1b[0m[x]: m")


def text_location(path):
    from agentctl.results import Location

    return Location(path=path)


@pytest.mark.parametrize("report", ALL.values(), ids=list(ALL))
def test_ascii_is_ascii(report):
    assert text.render(report, ascii_only=True).isascii()


def test_ascii_replaces_typography_and_writes_out_the_rest():
    report = Report(command="test", verdict=Verdict.PASS, exit_code=0, summary="≤ 5 … größe")

    assert text.render(report, ascii_only=True) == "<= 5 ... gr\\xf6\\xdfe\n"


def test_terminal_escapes_are_written_out():
    drawn = text.render(HOSTILE)

    assert "\x1b" not in drawn
    assert "\\x1b[31m" in drawn
    assert "\\u202e" in drawn


@given(reports)
def test_no_string_reaches_the_terminal_as_a_control(report):
    drawn = text.render(report)

    drawn.encode("utf-8")
    assert [character for character in drawn if unicodedata.category(character) in {"Cc", "Cs"}] == [
        character for character in drawn if character in "\n\t"
    ]
    assert text.render(report, width=1, ascii_only=True).isascii()


def test_a_series_may_span_all_numbers():
    series = Series(name="balance", points=((0.0, -1.7e308), (1.0, 0.1)))
    report = Report(command="loadtest", verdict=Verdict.PASS, exit_code=0, summary="done", series=(series,))

    assert "balance" in text.render(report)
