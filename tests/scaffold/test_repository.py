"""Real git in temporary folders; a home of its own, so that no test reads the settings of whoever runs it."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

from agentctl.scaffold import repository

GIT = shutil.which("git")
pytestmark = pytest.mark.skipif(GIT is None, reason="git is not installed")


@pytest.fixture
def home(tmp_path, monkeypatch):
    folder = tmp_path / "home"
    folder.mkdir()
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder / "config"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    return folder


@pytest.fixture
def project(work):
    folder = work / "x"
    folder.mkdir()
    (folder / "a.txt").write_text("a\r\n", newline="")
    (folder / "run.sh").write_text("#!/bin/sh\n")
    (folder / "run.sh").chmod(0o755)
    (folder / ".env.example").write_text("A=1\n")
    (folder / ".gitignore").write_text("ignored\n")
    (folder / "ignored").touch()
    return folder


def git(project, *arguments):
    done = subprocess.run([GIT, *arguments], cwd=project, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_one_commit_without_an_identity(home, project):
    assert repository.create(project, "Create x") is None
    assert git(project, "log", "--format=%an <%ae> %s") == "agentctl <agentctl@localhost> Create x"
    assert git(project, "branch", "--show-current") == "main"
    assert git(project, "status", "--porcelain") == ""
    assert git(project, "ls-files").split() == [".env.example", ".gitignore", "a.txt", "run.sh"]
    assert git(project, "ls-files", "--stage", "run.sh").startswith("100755")
    assert list(home.iterdir()) == []


def test_nothing_made_up_stays_in_the_repository(home, project):
    repository.create(project, "Create x")
    settings = (project / ".git" / "config").read_text()
    assert "agentctl" not in settings
    assert "hooksPath" not in settings


def test_the_users_identity_and_branch_are_taken(home, project):
    (home / ".gitconfig").write_text("[user]\nname = Jane\nemail = jane@example.org\n[init]\ndefaultBranch = trunk\n")
    assert repository.create(project, "Create x") is None
    assert git(project, "log", "--format=%an <%ae>") == "Jane <jane@example.org>"
    assert git(project, "branch", "--show-current") == "trunk"


def test_the_identity_of_the_environment_is_taken(home, project, monkeypatch):
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "CI")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "ci@example.org")
    assert repository.create(project, "Create x") is None
    assert git(project, "log", "--format=%an <%ce>") == "CI <ci@example.org>"


def test_what_the_user_has_set_up_does_not_fail_the_commit(home, project):
    hooks = home / "template" / "hooks"
    hooks.mkdir(parents=True)
    for name in ("pre-commit", "commit-msg", "post-commit", "prepare-commit-msg"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {home}/ran\nexit 1\n")
        (hooks / name).chmod(0o755)
    (home / "ignore").write_text(".env.example\n")
    (home / ".gitconfig").write_text(
        f"[init]\ntemplateDir = {home}/template\n[core]\nexcludesFile = {home}/ignore\nhooksPath = {hooks}\n"
        "autocrlf = input\nsafecrlf = true\n[commit]\ngpgSign = true\n[user]\nsigningKey = none\nuseConfigOnly = true\n"
    )
    assert repository.create(project, "Create x") is None
    assert not (home / "ran").exists()
    assert ".env.example" in git(project, "ls-files")


def test_a_surrounding_git_is_not_listened_to(home, project, monkeypatch, tmp_path):
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other.git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
    assert repository.create(project, "Create x") is None
    assert (project / ".git" / "HEAD").is_file()
    assert not (tmp_path / "other.git").exists()


def test_no_git_is_a_remark(project, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert repository.create(project, "Create x") == "git is not installed: no repository was made"
    assert not (project / ".git").exists()


def test_a_git_that_refuses_is_a_remark_with_its_words(home, project, monkeypatch):
    (home / ".gitconfig").write_text("[broken\n")
    remark = repository.create(project, "Create x")
    assert remark.startswith("no repository was made: git init: fatal: bad config")
    assert not (project / ".git").exists()


def test_a_folder_in_a_repository_is_told(home, project, work):
    assert not repository.around(work)
    repository.create(project, "Create x")
    (project / "below").mkdir()
    assert repository.around(project / "below")
