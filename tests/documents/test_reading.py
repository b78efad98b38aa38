"""Whatever bytes come, reading ends with values or with one problem."""

from __future__ import annotations

import os

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from agentctl.documents import reading
from agentctl.documents import yaml as reader
from agentctl.documents.model import BadDocumentError, json_pointer

BAD = {
    "utf-16": ("yaml", "a: 1".encode("utf-16"), "encoding"),
    "nul": ("yaml", b"a: \0", "encoding"),
    "bad utf-8": ("json", b'{"a": "\xff"}', "encoding"),
    "empty yaml": ("yaml", b"", "empty"),
    "only a comment": ("yaml", b"# nothing\n", "empty"),
    "empty json": ("json", b" \n", "empty"),
    "open bracket": ("yaml", b"a: [1", "syntax"),
    "tab": ("yaml", b"a:\n\tb: 1", "syntax"),
    "unknown alias": ("yaml", b"a: *b", "syntax"),
    "a list as key": ("yaml", b"? [a]\n: 1", "syntax"),
    "merged scalar": ("yaml", b"<<: 1", "syntax"),
    "json comma": ("json", b'{"a": 1,}', "syntax"),
    "toml": ("toml", b"a = \n", "syntax"),
    "toml to its end": ("toml", b'a = """', "syntax"),
    "control character": ("yaml", b"a: \x07", "syntax"),
    "deep json": ("json", b"[" * 100_000, "too-large"),
    "closed deep json": ("json", b"[" * 500 + b"]" * 500, "too-large"),
    "deep yaml": ("yaml", b"[" * 100_000, "too-large"),
    "deep blocks": ("yaml", b"".join(b" " * n + b"a:\n" for n in range(1000)), "too-large"),
    "deep sequences": ("yaml", b"- " * 50_000 + b"x", "too-large"),
    "deep toml": ("toml", b"a = " + b"[" * 50_000, "too-large"),
    "deep keys": ("toml", b"a." * 50_000 + b"a = 1", "too-large"),
    "ring": ("yaml", b"a: &a [*a]", "too-large"),
    "bomb": (
        "yaml",
        b"a: &a [x,x,x,x,x,x,x,x,x]\n" + b"".join(b"%c: &%c [%s]\n" % (n + 1, n + 1, b",".join([b"*%c" % n] * 9)) for n in range(97, 107)),
        "too-large",
    ),
    "200 MB": ("yaml", b"a" * 10_000_001, "too-large"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_one_problem(name, tmp_path):
    form, data, wanted = BAD[name]
    path = tmp_path / f"file.{form}"
    path.write_bytes(data)
    try:
        problems = reading.parse(reading.read_file(path), form).problems
    except BadDocumentError as error:
        problems = (error.problem,)
    assert [problem.id for problem in problems] == [wanted]


def test_a_byte_order_mark_is_told_and_passed_over():
    parsed = reading.parse(b"\xef\xbb\xbfa: 1", "yaml")
    assert [problem.id for problem in parsed.problems] == ["encoding"]
    assert parsed.documents[0].value == {"a": 1}


def test_yaml_is_read_as_1_2():
    text = (
        "a: no\nb: 2020-01-01\nc: 0o17\nd: 0x1F\ne: 1_000\nf: +.5\ng: 1:30\nh: ~\ni: !!str 12\nj: '12'\nk: True\n1: x\n"
    )
    assert reading.parse(text.encode(), "yaml").documents[0].value == {
        "a": "no", "b": "2020-01-01", "c": 15, "d": 31, "e": "1_000", "f": 0.5, "g": "1:30", "h": None, "i": "12", "j": "12",
        "k": True, "1": "x",
    }  # fmt: skip


def test_yaml_merges_and_aliases_have_their_values_and_places():
    text = "b: &b {x: 1, y: 2}\nc:\n  <<: *b\n  y: 3\nd: *b\n"
    (document,) = reading.parse(text.encode(), "yaml").documents
    assert document.value == {"b": {"x": 1, "y": 2}, "c": {"x": 1, "y": 3}, "d": {"x": 1, "y": 2}}
    assert document.locate(("c", "x"), at_key=False).line == 1
    assert document.locate(("c", "y"), at_key=True).line == 4


def test_yaml_several_documents_and_windows_line_ends():
    parsed = reading.parse(b"a: 1\r\n---\r\nb: 2\r\n---\r\n", "yaml")
    assert [one.value for one in parsed.documents] == [{"a": 1}, {"b": 2}]
    assert parsed.documents[1].locate(("b",), at_key=True).line == 3


def test_a_tag_runs_nothing():
    parsed = reading.parse(b"!!python/object/apply:os.system ['exit 3']", "yaml")
    assert parsed.documents[0].value == ["exit 3"]


@given(st.recursive(st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=15))  # fmt: skip
def test_both_loaders_read_what_was_written(value):
    text = yaml.safe_dump({"value": value})
    read = [reading.parse(text.encode(), "yaml")]
    fast, reader._Loader = reader._Loader, reader._PureLoader
    try:
        read.append(reading.parse(text.encode(), "yaml"))
    finally:
        reader._Loader = fast
    assert [one.documents[0].value for one in read] == [{"value": value}, {"value": value}]


def test_what_is_no_file_is_not_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "loop.yaml").symlink_to("loop.yaml")
    for name, words in (
        ("pipe.yaml", "is a pipe"),
        ("loop.yaml", "cannot be read"),
        ("gone.yaml", "cannot be read"),
        (".", "is a folder"),
    ):
        with pytest.raises(BadDocumentError, match=words):
            reading.read_file(tmp_path / name)


def test_pointers_are_escaped():
    assert json_pointer(("a/b", "m~n", 0)) == "/a~1b/m~0n/0"
