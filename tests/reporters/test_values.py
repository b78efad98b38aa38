from __future__ import annotations

import pytest

from agentctl.reporters import _values
from agentctl.results import Figure, Finding, Verdict


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.0224, "s", "22.4 ms"),
        (0.000034, "s", "0.034 ms"),
        (0.9994, "s", "999.4 ms"),
        (0, "s", "0 s"),
        (1.5, "s", "1.5 s"),
        (-0.5, "s", "-500 ms"),
        (999, "B", "999 B"),
        (63_270_912, "B", "63.3 MB"),
        (1e30, "B", "1000000000000000000 TB"),
        (float("inf"), "B", "inf B"),
        (float("nan"), "s", "nan s"),
        (61.23456, "%", "61.235 %"),
        (1234.5678, "1/s", "1234.6/s"),
        (20.0, "", "20"),
        (1000000, "", "1000000"),
        ("two", "", "two"),
        (None, "ms", "-"),
    ],
)
def test_a_quantity_is_written_as_a_person_would(value, unit, text):
    assert _values.quantity(value, unit) == text
    assert _values.figure(Figure(name="x", value=value, unit=unit)) == text


@pytest.mark.parametrize(
    ("title", "message", "text"),
    [("T", "m", "T: m"), ("T", "", "T"), ("", "m", "m"), ("same", "same", "same"), ("T\n", " m\t n", "T: m n")],
)
def test_a_statement_is_the_question_and_the_answer(title, message, text):
    assert _values.statement(Finding(id="X", verdict=Verdict.PASS, title=title, message=message)) == text


def test_what_steers_a_terminal_is_written_out():
    assert _values.visible("a\x1b[0m\x85\u202eb\ud800\tc\nd") == "a\\x1b[0m\\x85\\u202eb\\ud800\tc\nd"
