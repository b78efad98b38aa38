from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from reporters.samples import CHECKLIST, CI, HOSTILE, NOTHING, VALIDATE
from reporters.strategies import reports

from agentctl.reporters import github
from agentctl.results import Finding, Location, Report, Severity, Verdict

_KEYS = ["file", "line", "endLine", "col", "endColumn", "title"]


def _read(line):
    """Read a command as the runner does: the properties up to the second ``::``, then unescaped from the right."""
    assert line.startswith("::")
    head, found, message = line[2:].partition("::")
    assert found
    name, _, told = head.partition(" ")
    pairs = [part.split("=", 1) for part in told.split(",") if part]
    return name, {key: _unescaped(value, of_property=True) for key, value in pairs}, _unescaped(message)


def _unescaped(text, *, of_property=False):
    for sign, code in ((",", "%2C"), (":", "%3A")) if of_property else ():
        text = text.replace(code, sign)
    return text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")


def _commands(report):
    return [_read(line) for line in github.render(report).splitlines()[:-1]]


def _found(number=1, **values):
    place = values.pop("place", Location(path="a.yaml", line=number))
    return Finding(id="rule", verdict=Verdict.FAIL, message=f"m{number}", evidence=(place,), **values)


def _report(*findings, **values):
    return Report(command="validate", verdict=Verdict.FAIL, exit_code=1, summary="s", results=findings, **values)


def test_an_annotation_has_file_place_rule_message_and_mend():
    assert _commands(VALIDATE)[1] == (
        "error",
        {"file": "configs/agent.yaml", "line": "12", "col": "3", "endColumn": "13", "title": "schema/unknown-key"},
        f"Keys that the schema does not know: {VALIDATE.results[0].message}\nrename it to 'temperature'",
    )


def test_at_most_ten_the_worst_first_and_the_rest_is_counted():
    advice = [_found(number, severity=Severity.ADVICE) for number in range(1, 13)]
    report = _report(*advice, _found(20, severity=Severity.WARNING), _found(21))
    text = github.render(report)

    assert [name for name, _, _ in _commands(report)] == ["error", "warning", *["notice"] * 8]
    assert text.splitlines()[-1] == "agentctl validate: s (4 more are not annotated)"


def test_only_what_is_wrong_is_annotated():
    assert [told["title"] for _, told, _ in _commands(CHECKLIST)] == ["AR12", "RL01", "RL02"]


def test_a_merged_report_annotates_its_parts_once():
    assert len(_commands(CI)) == len(_commands(VALIDATE)) + len(_commands(CHECKLIST))


def test_no_answer_is_an_annotation_without_a_place():
    assert _commands(NOTHING) == [("error", {"title": "agentctl validate"}, "no governed file was found")]


@pytest.mark.parametrize(
    ("place", "region"),
    [
        ({}, {}),
        ({"line": 3}, {"line": "3"}),
        ({"line": 3, "column": 2, "end_column": 2}, {"line": "3", "col": "2"}),
        ({"line": 3, "column": 9, "end_line": 4, "end_column": 1}, {"line": "3", "endLine": "4"}),
        ({"line": 3, "column": 9, "end_line": 3, "end_column": 12}, {"line": "3", "col": "9", "endColumn": "12"}),
    ],
)
def test_columns_are_given_within_one_line_only(place, region):
    ((_, told, _),) = _commands(_report(_found(place=Location(path="a", **place))))

    assert {key: value for key, value in told.items() if key not in {"file", "title"}} == region


def test_words_of_the_report_come_out_as_they_went_in_and_never_as_a_command():
    name = "100%,a:b%0A::error::.yaml"
    report = _report(replace(_found(place=Location(path=name, line=1)), message="50% %0A\n::warning::x", hint="a,b:c"))
    ((_, told, message),) = _commands(report)

    assert told["file"] == name
    assert message == "50% %0A ::warning::x\na,b:c"


def test_the_last_line_is_no_command_of_the_older_form():
    assert "##[" not in github.render(replace(HOSTILE, summary="##[error]x")).splitlines()[-1]


@given(reports)
def test_no_string_makes_a_line_or_a_command(report):
    text = github.render(report)
    *lines, last = text.split("\n")[:-1]

    text.encode("utf-8")
    assert len(lines) <= github.MOST
    assert last.startswith("agentctl ")
    assert "##[" not in last
    assert not re.search("[\r\x1b\x00]", text)
    for line in lines:
        name, told, _ = _read(line)
        assert name in {"error", "warning", "notice"}
        assert list(told) == [key for key in _KEYS if key in told]
