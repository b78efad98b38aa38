"""What was parsed waits in a file and comes back as it was; what is equal is held once, and only what is equal."""

from __future__ import annotations

import pytest

from agentctl.checklist.facts import parsing
from agentctl.checklist.facts.model import Shared
from agentctl.checklist.spool import Spool


def test_bytes_come_back_by_name(tmp_path) -> None:
    rows = {"a": b"1", "shop/\udcff.py\0digest": b"", "long": b"x" * 100_000}
    made = Spool.made(tmp_path / "facts")
    for name, data in rows.items():
        made.keep(name, data)
    again = Spool.opened(tmp_path / "facts")
    assert dict(made) == dict(again) == rows
    assert "other" not in again
    with pytest.raises(KeyError):
        again["other"]


def test_a_file_that_nobody_sees_leaves_nothing_behind(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    made = Spool.made()
    made.keep("a", b"1")
    assert made["a"] == b"1"
    assert list(tmp_path.iterdir()) == []


def test_without_room_for_a_file_the_answers_are_the_same(project, monkeypatch) -> None:
    for number in range(parsing.CACHED):
        project.write(f"shop/part_{number}.py", f"import os\n\n\ndef go(x):\n    os.system(x + '{number}')\n")
    monkeypatch.setenv("AGENTCTL_CACHE", "")
    before = project.report()

    def full(*_arguments: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(Spool, "keep", full)
    assert project.report().results == before.results


def test_what_is_equal_is_one_object_and_one_is_not_true() -> None:
    shared = Shared()
    first, second = ("a", b"b"), ("a", bytes([98]))
    assert shared.texts(first) is shared.texts(second)
    assert shared.texts((1,)) == (1,)
    assert shared.texts((True,))[0] is True
    assert shared.keywords({"shell": True})["shell"] is True
    assert shared.keywords({"n": 1})["n"] is not True
    assert shared.keywords({"a": b"x"}) is shared.keywords({"a": b"x"})
