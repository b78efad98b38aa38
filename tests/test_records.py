"""Records of runs: what they are bound to, that they come back as written, and that junk beside them does no harm."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentctl import records
from agentctl.errors import NoAnswerError
from agentctl.records import Content, Record

numbers = st.none() | st.integers(-(10**9), 10**9) | st.floats(allow_nan=False, allow_infinity=False) | st.text()
plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
made = st.builds(
    Record,
    kind=st.sampled_from(["test", "loadtest"]),
    verdict=st.sampled_from(["pass", "fail", "invalid"]),
    created=st.datetimes().map(lambda when: when.isoformat(timespec="seconds") + "+00:00"),
    command=st.lists(st.text(), max_size=4),
    content=st.builds(Content, digest=st.text(), files=st.dictionaries(st.text(), st.text(), max_size=4)),
    commit=st.none() | st.text(),
    figures=st.dictionaries(st.text(), numbers, max_size=4),
    versions=st.dictionaries(st.text(), st.text(), max_size=4),
    details=st.dictionaries(st.text(), plain, max_size=4),
)


def record(**values) -> Record:
    base = {
        "kind": "test",
        "verdict": "pass",
        "command": ["agentctl", "test"],
        "content": Content(digest="d", files={}),
        "figures": {},
        "created": "2026-01-01T00:00:00+00:00",
    }
    return Record(**{**base, **values})


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(made)
def test_what_is_written_is_read_again(tmp_path_factory, value):
    root = tmp_path_factory.mktemp("project")
    path = records.write(root, value)
    (found,) = records.read(root, value.kind)
    assert found.path == path.relative_to(root).as_posix()
    assert {**vars(found), "path": None} == vars(value)


def test_reads_the_newest_first_and_only_its_kind(tmp_path):
    for month in (3, 1, 2):
        records.write(tmp_path, record(created=f"2026-0{month}-01T00:00:00+00:00"))
    records.write(tmp_path, record(kind="loadtest"))
    assert [found.created[:7] for found in records.read(tmp_path, "test")] == ["2026-03", "2026-02", "2026-01"]


def test_keeps_the_newest_twenty_of_a_kind(tmp_path):
    records.write(tmp_path, record(kind="loadtest"))
    for minute in range(25):
        records.write(tmp_path, record(created=f"2026-01-01T00:{minute:02}:00+00:00"))
    kept = records.read(tmp_path, "test")
    assert [found.created[14:16] for found in kept] == [f"{minute:02}" for minute in range(24, 4, -1)]
    assert len(records.read(tmp_path, "loadtest")) == 1


def test_two_records_of_one_second_are_both_kept(tmp_path):
    paths = {records.write(tmp_path, record()), records.write(tmp_path, record())}
    assert len(paths) == 2
    assert len(records.read(tmp_path, "test")) == 2


def test_the_folder_ignores_what_is_made_anew(tmp_path):
    records.write(tmp_path, record())
    assert "records/\n" in (tmp_path / ".agentctl/.gitignore").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '"text"',
        "[" * 100_000,
        "{}",
        '{"schema": "urn:agentctl:schemas:record:2"}',
        b"\xff\xfe",
        '{"schema": "urn:agentctl:schemas:record:1", "kind": "test"}',
    ],
)
def test_a_file_that_is_no_record_is_passed_over(tmp_path, text):
    good = records.write(tmp_path, record())
    bad = good.with_name("test-99999999999999-1-000.json")
    bad.write_bytes(text if isinstance(text, bytes) else text.encode())
    assert [found.path for found in records.read(tmp_path, "test")] == [good.relative_to(tmp_path).as_posix()]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("schema", "urn:agentctl:schemas:record:2"),
        ("kind", "loadtest"),
        ("created", 5),
        ("content", []),
        ("content", {"digest": "d", "files": []}),
        ("figures", None),
        ("unknown", 1),
    ],
)
def test_a_record_of_another_shape_is_passed_over(tmp_path, name, value):
    good = records.write(tmp_path, record())
    values = {**json.loads(good.read_text(encoding="utf-8")), name: value}
    good.with_name("test-99999999999999-1-000.json").write_text(json.dumps(values), encoding="utf-8")
    assert len(records.read(tmp_path, "test")) == 1


def test_what_is_no_regular_file_is_not_opened(tmp_path):
    good = records.write(tmp_path, record())
    os.mkfifo(good.with_name("test-99999999999999-1-000.json"))
    good.with_name("test-99999999999999-2-000.json").symlink_to("/dev/zero")
    assert len(records.read(tmp_path, "test")) == 1


def test_a_folder_that_cannot_be_written_is_no_answer(tmp_path):
    (tmp_path / ".agentctl").write_text("a file", encoding="utf-8")
    with pytest.raises(NoAnswerError, match="cannot be written"):
        records.write(tmp_path, record())


def content_of(root: Path, **contents: str) -> Content:
    for name, text in contents.items():
        path = root / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return records.content(root)


def test_content_is_bound_to_sources_settings_and_pins_alone(tmp_path):
    for name in ("a.py", "pyproject.toml", "requirements-dev.txt", "prompts/x.j2", "data/x.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("1", encoding="utf-8")
    for name in ("README.md", "docs/conf.py", "deploy/k8s.yaml", ".agentctl/x.json", "notes.txt", "a.pyc"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("1", encoding="utf-8")
    bound = set(records.content(tmp_path).files)
    assert bound == {"a.py", "pyproject.toml", "requirements-dev.txt", "prompts/x.j2", "data/x.csv"}


def test_the_digest_follows_text_name_and_presence(tmp_path):
    first = content_of(tmp_path, **{"a.py": "1"})
    assert content_of(tmp_path, **{"a.py": "1"}).digest == first.digest
    second = content_of(tmp_path, **{"a.py": "2"})
    third = content_of(tmp_path, **{"b.py": "2"})
    assert len({first.digest, second.digest, third.digest}) == 3


def test_changed_names_what_differs(tmp_path):
    then = content_of(tmp_path, **{"a.py": "1", "b.py": "1", "c.py": "1"})
    (tmp_path / "c.py").unlink()
    now = content_of(tmp_path, **{"a.py": "2", "d.py": "1"})
    assert records.changed(record(content=then), now) == ["a.py", "c.py", "d.py"]
    assert records.changed(record(content=now), now) == []


def test_a_file_of_many_chunks_and_a_name_that_is_no_utf8(tmp_path):
    (tmp_path / "big.json").write_bytes(b"x" * (3 << 20))
    (tmp_path / os.fsdecode(b"caf\xe9.py")).write_text("1", encoding="utf-8")
    value = record(content=records.content(tmp_path))
    assert len(value.content.files) == 2
    records.write(tmp_path, value)
    (found,) = records.read(tmp_path, "test")
    assert records.changed(found, records.content(tmp_path)) == []
