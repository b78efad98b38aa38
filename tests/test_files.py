"""Which files a tree has: git's list, a walk, and what is left out of both."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from agentctl import files


def put(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x\n", encoding="utf-8")


def git(root: Path, *arguments: str) -> None:
    who = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main")
    subprocess.run([shutil.which("git"), *who, *arguments], cwd=root, check=True, capture_output=True)


@pytest.fixture(params=["git", "no git"])
def tree(request, tmp_path):
    root = tmp_path / "tree"
    root.mkdir()
    if request.param == "git":
        git(root, "init", "-q")
    return root


def test_lists_sorted_relative_paths(tree):
    put(tree, "b.py", "a/z.py", "a/b/c.txt")
    assert files.listed(tree) == ["a/b/c.txt", "a/z.py", "b.py"]


def test_leaves_out_what_tools_make(tree):
    put(tree, "a.py", "__pycache__/a.pyc", "pkg/.mypy_cache/x.json", "node_modules/m/i.js", ".agentctl/records/t.json")
    put(tree, "x.egg-info/PKG-INFO", "env3/pyvenv.cfg", "env3/lib/y.py", "htmlcov/index.html")
    assert files.listed(tree) == ["a.py"]


def test_a_root_that_is_itself_a_virtual_environment_keeps_its_own_files(tree):
    put(tree, "pyvenv.cfg", "app.py", "lib/python3.11/site-packages/m.py")
    assert files.listed(tree) == ["app.py", "pyvenv.cfg"]


def test_leaves_out_links_fifos_and_what_lies_behind_a_linked_folder(tree, tmp_path):
    put(tree, "a.py", "real/b.py")
    put(tmp_path, "outside/secret.py")
    (tree / "link.py").symlink_to(tree / "a.py")
    (tree / "folder").symlink_to(tmp_path / "outside")
    os.mkfifo(tree / "pipe.py")
    assert files.listed(tree) == ["a.py", "real/b.py"]


def test_a_tracked_file_that_was_deleted_is_not_listed(tmp_path):
    git(tmp_path, "init", "-q")
    put(tmp_path, "a.py", "b.py")
    git(tmp_path, "add", ".")
    (tmp_path / "a.py").unlink()
    assert files.listed(tmp_path) == ["b.py"]


def test_what_git_ignores_is_left_out_and_what_is_merely_new_is_not(tmp_path):
    git(tmp_path, "init", "-q")
    put(tmp_path, "new.py", "build/x.py")
    (tmp_path / ".gitignore").write_text("build/\n", encoding="utf-8")
    assert files.listed(tmp_path) == [".gitignore", "new.py"]


def test_a_project_that_a_repository_around_it_ignores_is_walked(tmp_path):
    git(tmp_path, "init", "-q")
    (tmp_path / ".gitignore").write_text("scratch/\n", encoding="utf-8")
    put(tmp_path, "scratch/agent/app.py")
    assert files.listed(tmp_path / "scratch" / "agent") == ["app.py"]


def test_works_where_git_is_not_installed(tmp_path, monkeypatch):
    put(tmp_path, "a.py")
    monkeypatch.setenv("PATH", "")
    assert files.listed(tmp_path) == ["a.py"]
    assert not files.has_git(tmp_path)
    assert files.commit(tmp_path) is None


def test_runs_no_hook_and_no_monitor_of_the_repository(tmp_path):
    git(tmp_path, "init", "-q")
    put(tmp_path, "a.py")
    trap = tmp_path.parent / "ran"
    git(tmp_path, "config", "core.fsmonitor", f"touch {trap}")
    assert files.listed(tmp_path) == ["a.py"]
    assert not trap.exists()


def test_commit_is_what_is_checked_out(tmp_path):
    git(tmp_path, "init", "-q")
    assert files.commit(tmp_path) is None
    put(tmp_path, "a.py")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "one")
    found = files.commit(tmp_path)
    assert found is not None
    assert len(found) == 40


def test_a_name_that_is_no_utf8_is_listed(tree):
    with (tree.joinpath(os.fsdecode(b"caf\xe9.py"))).open("w") as stream:
        stream.write("x\n")
    assert files.listed(tree) == [os.fsdecode(b"caf\xe9.py")]


def test_what_gitignore_files_name_is_left_out_without_a_repository_too(tree):
    put(tree, "app.py", "var/audit.json", "deep/new.db", "deep/kept.log", "a name\nwith.log")
    (tree / ".gitignore").write_text("var/\n*.log\n", encoding="utf-8")
    (tree / "deep" / ".gitignore").write_text("*.db\n!kept.log\n", encoding="utf-8")
    assert files.listed(tree) == [".gitignore", "app.py", "deep/.gitignore", "deep/kept.log"]


def test_an_example_of_the_environment_is_kept_where_only_git_would_know_that_it_is_tracked(tmp_path):
    for name in (".env", ".env.local", ".env.example", "app.py"):
        (tmp_path / name).write_text("A=1\n", encoding="utf-8")
    (tmp_path / ".gitignore").write_text(".env*\n", encoding="utf-8")
    assert files.listed(tmp_path) == [".env.example", ".gitignore", "app.py"]


def test_a_lock_is_kept_beside_its_manifest_where_only_git_would_know_that_it_is_tracked(tmp_path):
    put(tmp_path, "pyproject.toml", "uv.lock", "part/pyproject.toml", "part/poetry.lock", "my-uv.lock")
    put(tmp_path, "alone/uv.lock", "var/pyproject.toml", "var/uv.lock")
    (tmp_path / ".gitignore").write_text("*.lock\nvar/\n", encoding="utf-8")
    assert files.listed(tmp_path) == [
        ".gitignore",
        "part/poetry.lock",
        "part/pyproject.toml",
        "pyproject.toml",
        "uv.lock",
    ]


def test_a_folder_of_repositories_is_listed_whole(tmp_path):
    put(tmp_path, "one/a.py", "two/b.py")
    git(tmp_path / "one", "init", "-q")
    (tmp_path / ".gitignore").write_text("*.log\n", encoding="utf-8")
    assert files.listed(tmp_path) == [".gitignore", "one/a.py", "two/b.py"]


def test_without_git_nothing_is_dropped(tmp_path, monkeypatch):
    put(tmp_path, "app.py", "var/audit.json")
    (tmp_path / ".gitignore").write_text("var/\n", encoding="utf-8")
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    assert files.listed(tmp_path) == [".gitignore", "app.py", "var/audit.json"]
