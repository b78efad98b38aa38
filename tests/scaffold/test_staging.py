from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path

import pytest

from agentctl import signals
from agentctl.errors import Terminated, UsageError
from agentctl.scaffold import staging


@pytest.fixture
def dead():
    """The number of a process that is no more."""
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    return child.pid


def tree(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def project_in(folder):
    project = folder / "x"
    (project / "pkg").mkdir(parents=True)
    (project / ".agentctl").mkdir()
    for name in ("README.md", "pkg/a.py", "pyproject.toml"):
        (project / name).write_text(name)
    with zipfile.ZipFile(project / ".agentctl" / "base.zip", "w") as archive:
        for name in ("README.md", "pkg/a.py", "pyproject.toml"):
            archive.writestr(name, name)
    return project


def settle(target, before=lambda: None):
    """Make a project and move it to its place; ``before`` happens in between."""
    with staging.staged(target) as folder:
        project = project_in(folder)
        before()
        staging.settle(project, target)


def test_a_free_place_is_a_target(work):
    assert staging.target(work / "x") == staging.Target(path=work / "x")
    assert tree(work) == []


def test_an_empty_folder_is_a_target(work):
    assert staging.target(work) == staging.Target(path=work, exists=True)


def test_a_fresh_clone_is_a_target_and_its_files_are_kept(work):
    names = [".git", ".gitignore", "LICENSE.txt", "README.md"]
    (work / ".git").mkdir()
    for name in names[1:]:
        (work / name).write_text(name)
    assert staging.target(work).kept == tuple(names)


@pytest.mark.parametrize("name", ["main.py", ".env", "READMEs", ".github", "gitignore"])
def test_anything_else_is_not_empty(name, work):
    (work / name).mkdir()
    with pytest.raises(UsageError, match=rf"is not empty \({name}\)"):
        staging.target(work)


def test_only_some_of_many_names_are_told(work):
    for number in range(5):
        (work / f"{number}.txt").touch()
    with pytest.raises(UsageError, match=r"\(0\.txt, 1\.txt, 2\.txt and 2 more\)"):
        staging.target(work)


def test_a_file_in_the_way_is_refused(work):
    (work / "x").touch()
    with pytest.raises(UsageError, match="is not a folder"):
        staging.target(work / "x")
    with pytest.raises(UsageError, match="is not a folder"):
        staging.target(work / "x" / "y")


def test_a_dangling_link_in_the_way_is_refused(work):
    (work / "x").symlink_to(work / "nowhere")
    with pytest.raises(UsageError, match="is not a folder"):
        staging.target(work / "x")


def test_a_missing_folder_is_refused_with_the_command_that_makes_it(work):
    with pytest.raises(UsageError, match="is not there") as caught:
        staging.target(work / "none" / "x")
    assert caught.value.hint.startswith(f"mkdir -p {work / 'none'}")


@pytest.mark.parametrize("error", [ValueError(), KeyboardInterrupt(), Terminated(15), OSError()], ids=repr)
@pytest.mark.parametrize("inside", [False, True])
def test_nothing_is_left_of_a_run_that_fails(error, inside, work):
    target = staging.Target(path=work, exists=True) if inside else staging.Target(path=work / "x")

    def fail():
        with staging.staged(target) as folder:
            assert folder.parent == work
            project_in(folder)
            raise error

    with pytest.raises(type(error)):
        fail()
    assert tree(work) == []


def test_a_project_appears_whole(work):
    target = staging.target(work / "x")
    settle(target)
    assert tree(work) == ["x", *(f"x/{name}" for name in tree(work / "x"))]
    assert (work / "x" / "pkg" / "a.py").is_file()


def test_what_appeared_meanwhile_is_not_touched(work):
    target = staging.target(work / "x")
    with pytest.raises(UsageError, match="appeared while"):
        settle(target, (work / "x").mkdir)
    assert tree(work) == ["x"]


def test_a_clone_keeps_its_files_and_its_identity(work):
    (work / "LICENSE").write_text("mine")
    before = work.stat().st_ino
    target = staging.target(work)
    settle(target)
    assert work.stat().st_ino == before
    assert (work / "LICENSE").read_text() == "mine"
    assert tree(work) == [
        ".agentctl",
        ".agentctl/base.zip",
        "LICENSE",
        "README.md",
        "pkg",
        "pkg/a.py",
        "pyproject.toml",
    ]


def test_what_appeared_in_a_clone_meanwhile_is_not_touched(work):
    target = staging.target(work)
    with pytest.raises(UsageError, match=r"pyproject\.toml: appeared"):
        settle(target, lambda: (work / "pyproject.toml").write_text("mine"))
    assert tree(work) == ["pyproject.toml"]
    assert (work / "pyproject.toml").read_text() == "mine"


def test_a_move_that_fails_half_way_is_taken_back(work, monkeypatch):
    target = staging.target(work)
    rename = type(work).rename

    def failing(path, to):
        if path.name == "pyproject.toml":
            raise OSError(5, "Input/output error")
        return rename(path, to)

    with pytest.raises(OSError, match="Input/output"):
        settle(target, lambda: monkeypatch.setattr(type(work), "rename", failing))
    assert tree(work) == []


def test_the_pristine_render_moves_last(work, monkeypatch):
    target, moved = staging.target(work), []
    rename = type(work).rename
    with staging.staged(target) as folder:
        project = project_in(folder)
        (project / ".git").mkdir()
        monkeypatch.setattr(type(work), "rename", lambda path, to: (moved.append(path.name), rename(path, to))[1])
        staging.settle(project, target)
    assert moved == ["README.md", "pkg", "pyproject.toml", ".git", ".agentctl"]


def test_what_a_killed_run_left_is_removed(work, dead):
    project_in(work / f".x.agentctl-{dead}")
    project_in(work / f".x.agentctl-{os.getpid()}")
    staging.clean(work / "x")
    assert tree(work) == []


def test_other_runs_and_other_names_are_left_alone(work, dead):
    kept = [
        f".x.agentctl-{os.getppid()}",
        ".x.agentctl-1",
        f".y.agentctl-{dead}",
        f".x.agentctl-{dead}x",
        ".x.agentctl-",
    ]
    for name in kept:
        (work / name).mkdir()
    staging.clean(work / "x")
    assert tree(work) == sorted(kept)


def test_cleaning_where_there_is_nothing_does_nothing(work):
    staging.clean(work / "none" / "x")
    assert tree(work) == []


def killed_half_way(work, dead):
    """Leave a clone as a run does that was killed between two moves."""
    project = project_in(work / f".{work.name}.agentctl-{dead}")
    for name in ("README.md", "pkg"):
        (project / name).rename(work / name)


def test_a_move_that_was_killed_half_way_is_taken_back_by_the_next_run(work, dead):
    (work / "LICENSE").write_text("mine")
    killed_half_way(work, dead)
    staging.clean(work)
    assert tree(work) == ["LICENSE"]


CLONE = {"README.md": "# Mine", ".gitignore": "*.mo\n", "LICENSE": "mine"}


def clone_in(work):
    for name, text in CLONE.items():
        (work / name).write_text(text)


def test_a_clones_own_pages_stand_above_the_projects(work):
    clone_in(work)
    target = staging.target(work)
    with staging.staged(target) as folder:
        project = project_in(folder)
        (project / ".gitignore").write_text("secrets/\n")
        staging.join(project, target)
        staging.settle(project, target)
    assert (work / "README.md").read_text() == "# Mine\n\nREADME.md"
    assert (work / ".gitignore").read_text() == "*.mo\n\nsecrets/\n"
    assert (work / "LICENSE").read_text() == "mine"
    assert not list(work.glob(".*agentctl-*"))


@pytest.mark.parametrize("steps", range(5))
@pytest.mark.parametrize("killed", [True, False])
def test_a_clones_own_pages_are_as_they_were_after_a_move_that_did_not_end(work, dead, monkeypatch, steps, killed):
    clone_in(work)
    target, rename, moved = staging.target(work), Path.rename, []

    def stop(path, place):
        if len(moved) == steps:
            monkeypatch.setattr(Path, "rename", rename)
            raise KeyboardInterrupt if killed else OSError
        moved.append(path)
        return rename(path, place)

    project = project_in(work / f".{work.name}.agentctl-{dead}")
    staging.join(project, target)
    monkeypatch.setattr(Path, "rename", stop)
    with pytest.raises(KeyboardInterrupt if killed else OSError):
        staging.settle(project, target)
    if killed:
        staging.clean(work)
    assert {path.name: path.read_text() for path in work.iterdir() if path.is_file()} == CLONE


def test_a_page_that_was_changed_since_a_run_was_killed_stays(work, dead):
    clone_in(work)
    target = staging.target(work)
    project = project_in(work / f".{work.name}.agentctl-{dead}")
    staging.join(project, target)
    (project.parent / ".was").mkdir()
    (work / "README.md").rename(project.parent / ".was" / "README.md")
    (project / "README.md").rename(work / "README.md")
    (work / "README.md").write_text("changed")
    staging.clean(work)
    assert (work / "README.md").read_text() == "changed"


@pytest.mark.parametrize("text", ["", "\n"])
def test_an_empty_page_is_the_projects(work, text):
    (work / "README.md").write_text(text)
    target = staging.target(work)
    with staging.staged(target) as folder:
        project = project_in(folder)
        staging.join(project, target)
        staging.settle(project, target)
    assert (work / "README.md").read_text() == "README.md"


def test_what_was_changed_since_a_run_was_killed_is_kept(work, dead):
    killed_half_way(work, dead)
    (work / "pkg" / "a.py").write_text("mine")
    (work / "pkg" / "b.py").write_text("mine")
    staging.clean(work)
    assert tree(work) == ["pkg", "pkg/a.py", "pkg/b.py"]
    with pytest.raises(UsageError, match="is not empty"):
        staging.target(work)


def test_the_staging_folder_of_a_live_run_does_not_make_a_folder_full(work):
    (work / f".{work.name}.agentctl-1").mkdir()
    assert staging.target(work).kept == ()


def test_a_broken_archive_of_a_killed_run_is_no_obstacle(work, dead):
    killed_half_way(work, dead)
    (work / f".{work.name}.agentctl-{dead}" / "x" / ".agentctl" / "base.zip").write_bytes(b"PK")
    staging.clean(work)
    assert tree(work) == ["README.md", "pkg", "pkg/a.py"]


@pytest.mark.parametrize("threads", [0, 1])  # a progress display has one
def test_signals_wait_for_the_end_of_the_block(threads):
    done, over = [], threading.Event()
    for _ in range(threads):
        threading.Thread(target=over.wait, daemon=True).start()

    def interrupt():
        with signals.undisturbed():
            os.kill(os.getpid(), signal.SIGINT)  # whichever thread takes it
            time.sleep(0.05)
            done.append(True)

    assert threading.current_thread() is threading.main_thread()
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        interrupt()
    over.set()
    assert done == [True]
    assert signal.getsignal(signal.SIGINT) is before
