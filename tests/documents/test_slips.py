"""What does not parse is told with its mend, where the slip is one that everybody makes."""

from __future__ import annotations

import pytest

from agentctl.documents import reading

SLIPS = [
    ("yaml", "a: 1\n<<<<<<< HEAD\nb: 1\n=======\nb: 2\n>>>>>>> x\n", "keep one side", 2),
    ("json", '{\n<<<<<<< HEAD\n"b": 1}\n', "keep one side", 2),
    ("toml", "<<<<<<< HEAD\n", "keep one side", 1),
    ("yaml", "a:\n\tb: 1\n", "a tab stands there", 2),
    ("yaml", "a:\n  - b\n \t- c\n", "a tab stands there", 3),
    ("yaml", "a: @b\n", "begins with `@` in quotes", 1),
    ("yaml", "a: *.py\n", "begins with `*` in quotes", 1),
    ("yaml", "a: what: is it\n", "`: ` in quotes", 1),
    ("yaml", 'a: "b" c\n', "in quotes as a whole", 1),
    ("yaml", "a: 'b\n", "close the quote", None),
    ("yaml", "a: [1, 2\nb: 3\n", "the bracket is never closed", None),
    ("yaml", "a:\n   b: 1\n  c: 2\n", "line it up", 3),
    ("yaml", "a: 1\nb\nc: 2\n", "a key ends with `:`", None),
    ("json", '{"a": 1,}', "remove the comma before it", 1),
    ("json", '{"a": [1,\n]}', "remove the comma before it", 2),
    ("json", "{'a': 1}", "in double quotes", 1),
    ("json", "{a: 1}", "in double quotes", 1),
    ("json", '{"a": True}', "write true", 1),
    ("json", '{"a": None}', "write null", 1),
    ("json", '{"a": 1 // one\n}', "put a comma before it", 1),
    ("json", '{\n// one\n"a": 1}', "JSON has none", 2),
    ("json", '{"a": 1 "b": 2}', "put a comma before it", 1),
    ("json", '{"a" 1}', "put a `:`", 1),
    ("json", '{"a": "b}', "close the quote", 1),
    ("json", '{"a": "b\n"}', "end of a line", None),
    ("json", r'{"a": "\d"}', "for a backslash", 1),
    ("toml", "a = openai\n", "put text in quotes", 1),
    ("toml", "a = True\n", "write true", 1),
    ("toml", "a = None\n", "TOML has no null", 1),
    ("toml", "a: 1\n", "write key = value", 1),
    ("toml", "[a\n", "close the bracket", 1),
]


@pytest.mark.parametrize(("form", "text", "hint", "line"), SLIPS)
def test_a_slip_is_told_with_its_mend(form, text, hint, line):
    (problem,) = reading.parse(text.encode(), form).problems

    assert problem.id == "syntax"
    assert hint in problem.hint
    assert problem.span is not None
    assert line is None or problem.span.line == line


@pytest.mark.parametrize(
    ("form", "text"), [("json", "{"), ("json", '{"a": }'), ("toml", "a = \n"), ("yaml", "a: \x07"), ("toml", "a = ?")]
)
def test_nothing_is_guessed_where_nothing_can_be_told(form, text):
    (problem,) = reading.parse(text.encode(), form).problems

    assert problem.hint is None


def test_the_hint_tells_no_secret():
    (problem,) = reading.parse(b"key = sk-proj-aZ81kQ0dPw7vXr2mT9uL3cYb6NhJ4gFe\n", "toml").problems

    assert problem.hint == "put text in quotes"
