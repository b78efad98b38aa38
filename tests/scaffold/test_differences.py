from __future__ import annotations

import shutil
import subprocess

import pytest

from agentctl.scaffold import differences

GIT = shutil.which("git")


@pytest.fixture
def sides(tmp_path):
    """A rendered project and the place that it is compared with."""
    project, place = tmp_path / "project", tmp_path / "place"
    project.mkdir()
    place.mkdir()
    return project, place


def found(sides, **contents):
    """Write ``name=(there, rendered)``, with None for no file, and return the differences by path."""
    for name, pair in contents.items():
        for folder, content in zip(reversed(sides), pair, strict=True):
            if content is not None:
                (folder / name).write_bytes(content)
    rendered = sorted(name for name, (_, after) in contents.items() if after is not None)
    return {one.path: one for one in differences.between(*sides, rendered)}


def test_the_same_is_left_out(sides):
    assert found(sides, a=(b"x\n", b"x\n"), b=(b"\0", b"\0")) == {}


def test_a_new_file_comes_from_nowhere(sides):
    one = found(sides, a=(None, b"x\n"))["a"]
    assert (one.state, one.text) == ("new", "--- /dev/null\n+++ b/a\n@@ -0,0 +1 @@\n+x\n")


def test_a_changed_file_shows_its_lines(sides):
    one = found(sides, a=(b"x\ny\n", b"x\nz\n"))["a"]
    assert (one.state, one.text) == ("changed", "--- a/a\n+++ b/a\n@@ -1,2 +1,2 @@\n x\n-y\n+z\n")


@pytest.mark.parametrize("pair", [(b"a\0", b"b"), (b"a", b"\xff"), (b"x" * 1_000_001, b"x\n")])
def test_of_what_is_no_text_it_is_only_said(pair, sides):
    assert found(sides, a=pair)["a"].text == "Binary files a/a and b/a differ\n"


def test_what_stands_there_and_is_no_file_differs(sides):
    (sides[1] / "a").mkdir()
    assert found(sides, a=(None, b"x\n"))["a"].text == "Binary files a/a and b/a differ\n"


@pytest.mark.skipif(GIT is None, reason="git is not installed")
@pytest.mark.parametrize(
    "pair", [(None, b"no end"), (b"no end", b"end\n"), (b"a\x0cb\n\xe2\x80\xa8c\r\n", b"a\x0cb\nd\r\n"), (None, b"")]
)
def test_git_applies_it(pair, sides):
    project, place = sides
    made = found(sides, a=pair)["a"].text
    if made:
        subprocess.run([GIT, "apply", "-"], cwd=place, input=made.encode(), check=True)
        assert (place / "a").read_bytes() == (project / "a").read_bytes()
