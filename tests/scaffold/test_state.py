from __future__ import annotations

import json
import os
import time
import zipfile

import pytest

from agentctl import __version__, records
from agentctl.scaffold import inspection, state


@pytest.fixture
def write(kind):
    def written(folder, names=("b.txt", "a/run.sh")):
        for name in names:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(name)
        (folder / "a" / "run.sh").chmod(0o700)
        state.write(folder, kind, {"name": "é"}, inspection.paths(folder))
        return folder / ".agentctl"

    return written


def test_the_answers_and_layers_are_kept(write, tmp_path):
    folder = write(tmp_path)
    assert json.loads((folder / "template.json").read_text(encoding="utf-8")) == {
        "schema": state.SCHEMA,
        "version": __version__,
        "kind": "service",
        "layers": ["base", "service"],
        "answers": {"name": "é"},
    }


def test_the_gitignore_is_the_one_that_records_write(write, tmp_path):
    assert (write(tmp_path) / ".gitignore").read_text() == records.GITIGNORE


def test_the_pristine_render_is_the_same_whenever_it_is_made(write, tmp_path):
    first = write(tmp_path / "one")
    before = os.umask(0o077)
    try:
        time.sleep(0.01)
        second = write(tmp_path / "two", names=("a/run.sh", "b.txt"))
    finally:
        os.umask(before)
    os.utime(tmp_path / "two" / "b.txt", (0, 0))
    assert (first / "base.zip").read_bytes() == (second / "base.zip").read_bytes()
    with zipfile.ZipFile(first / "base.zip") as archive:
        assert {entry.filename: oct(entry.external_attr >> 16) for entry in archive.infolist()} == {
            "a/run.sh": "0o100755",
            "b.txt": "0o100644",
        }
        assert archive.read("b.txt") == b"b.txt"
