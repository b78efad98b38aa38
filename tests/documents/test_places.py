"""The scanners must see the same values at the same pointers as the parsers; the places must hold them."""

from __future__ import annotations

import json
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentctl.documents import reading
from agentctl.documents.model import value_at

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4), max_leaves=20
)

TOML = """\
# a comment with = and [brackets]
title = "a # no comment"
"quoted.key" = 'literal \\ text'
dotted.inner.key = 1
numbers = [ 1, 2,
  3, # three
]
when = 1979-05-27 07:32:00
day = 1979-05-27
long = \"\"\"
several "lines"
with \\"escapes\\" \"\"\"
raw = '''
it's raw'''

[table]
inline = { a = 1, b.c = "x", d = [ { e = true } ] }

[table.nested]
x = 0x1F

[[items]]
name = "first"
[items.detail]
size = 1
[[items]]
name = "second"
[[items.parts]]
part = 1
[[items.parts]]
part = 2
"""


def pointers(value, pointer=()):
    yield pointer
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in pairs:
        yield from pointers(child, (*pointer, key))


def cut(text, span):
    lines = text.splitlines(keepends=True)[span.line - 1 : span.end_line]
    lines[-1] = lines[-1][: span.end_column - 1]
    lines[0] = lines[0][span.column - 1 :]
    return "".join(lines)


@given(VALUES, st.sampled_from([None, 1, "\t"]), st.booleans())
def test_json_places_hold_their_values(value, indent, ascii_only):
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    if len(text.splitlines()) != len(text.split("\n")):
        return  # U+2028 and the like end no line of ours, but do for the test's own splitlines
    (document,) = reading.parse(text.encode("utf-8", "surrogatepass"), "json").documents or (None,)
    assert document.value == value
    for pointer in pointers(value):
        assert json.loads(cut(text, document.locate(pointer, at_key=False)), strict=False) == value_at(value, pointer)
        if pointer and isinstance(pointer[-1], str):
            assert json.loads(cut(text, document.locate(pointer, at_key=True)), strict=False) == pointer[-1]


def test_toml_places_hold_their_values():
    (document,) = reading.parse(TOML.encode(), "toml").documents
    whole = tomllib.loads(TOML)
    for pointer in pointers(whole):
        expected = value_at(whole, pointer)
        held = cut(TOML, document.locate(pointer, at_key=False))
        if isinstance(expected, dict | list) and held[:1] not in {"[", "{"}:
            continue  # a table stands in several places; what is pointed at is its name
        assert tomllib.loads(f"x = {held}")["x"] == expected, pointer


@pytest.mark.parametrize(
    ("pointer", "line", "column"),
    [
        (("title",), 2, 1),
        (("quoted.key",), 3, 1),
        (("dotted", "inner", "key"), 4, 1),
        (("table",), 16, 2),
        (("table", "inline", "b", "c"), 17, 19),
        (("items",), 22, 3),
        (("items", 1, "name"), 27, 1),
        (("items", 1, "parts", 1, "part"), 31, 1),
    ],
)
def test_toml_keys(pointer, line, column):
    (document,) = reading.parse(TOML.encode(), "toml").documents
    span = document.locate(pointer, at_key=True)
    assert (span.line, span.column) == (line, column)


def test_a_pointer_into_nowhere_leads_to_what_is_around_it():
    for form, text in (("json", '{"a": {"b": 1}}'), ("yaml", "{a: {b: 1}}"), ("toml", "a = {b = 1}")):
        (document,) = reading.parse(text.encode(), form).documents
        span = document.locate(("a", "x"), at_key=False)
        assert (span.line, span.column) == (1, text.index("{b") + 1 if form != "json" else 7)


def test_json_doubled_keys_are_found_where_they_stand():
    (document,) = reading.parse(b'{"a": 1,\n "b": {"c": 1, "c": 2},\n "a": 2}', "json").documents
    assert [(one.id, one.span.line, one.span.column) for one in document.problems] == [
        ("duplicate-key", 2, 16),
        ("duplicate-key", 3, 2),
    ]


@pytest.mark.parametrize("literal", ["NaN", "-Infinity", "1e999", "9" * 5000])
def test_json_numbers_that_no_reader_holds(literal):
    (document,) = reading.parse(f'{{"a": [1, {literal}]}}'.encode(), "json").documents
    assert [(one.id, one.span.column) for one in document.problems] == [("number", 11)]
