"""A git repository for a new project (where git is missing or refuses, that is a remark), and others' to read."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from agentctl import files, process
from agentctl.errors import NoAnswerError

_BOUND = 300.0
_NOBODY = {"user.name": "agentctl", "user.email": "agentctl@localhost"}
# The first commit must not depend on what a user's settings run, sign or leave out.
_OURS = {
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    "core.excludesFile": os.devnull,
    "core.autocrlf": "false",
    "commit.gpgSign": "false",
    "gc.auto": "0",
}
# Neither does what another repository brings.
_THEIRS = _OURS | {
    "core.symlinks": "false",
    "filter.lfs.smudge": "",
    "filter.lfs.process": "",
    "filter.lfs.required": "false",
    "fetch.recurseSubmodules": "false",
    "submodule.recurse": "false",
}
_FETCH = ("fetch", "--quiet", "--no-tags", "--no-recurse-submodules")


class GitRefusedError(Exception):
    """Git ended with an error; the message is its own."""


def create(project: Path, message: str) -> str | None:
    """Make the project a repository with one commit.

    Returns:
        None when it is done, else a remark that says why it is not; nothing of git's is left then.
    """
    if shutil.which("git") is None:
        return "git is not installed: no repository was made"
    try:
        _commit(project, message)
    except (GitRefusedError, NoAnswerError) as error:
        shutil.rmtree(project / ".git", ignore_errors=True)
        return f"no repository was made: {error}"
    return None


def checkout(folder: Path, url: str, commit: str, *, shown: str) -> None:
    """Fetch one commit into an empty folder and check it out: no hooks, no submodules, no large files, no links.

    Args:
        folder: Where to.
        url: What git fetches from, with https, ssh or file.
        commit: All 40 hex digits.
        shown: What the URL is called in messages.

    Raises:
        NoAnswerError: Git is missing, or cannot have the commit.
    """
    if shutil.which("git") is None:
        raise NoAnswerError(f"{shown}: git is not installed", hint="install git, or name a folder")
    try:
        _git(folder, _THEIRS, "init", "--quiet")
        try:
            _git(folder, _THEIRS, *_FETCH, "--depth", "1", "--", url, commit)
        except GitRefusedError:  # a server that gives single commits only when they are a branch's or tag's last
            _git(folder, _THEIRS, *_FETCH, "--", url, "+refs/heads/*:refs/remotes/t/*", "+refs/tags/*:refs/tags/*")
        _git(folder, _THEIRS, "checkout", "--quiet", "--detach", commit)
    except GitRefusedError as error:
        said = str(error).replace(url, shown)
        raise NoAnswerError(f"{shown}@{commit} cannot be had: {said}", hint="look at the URL and the commit") from None


def around(folder: Path) -> bool:
    """Return whether the folder already lies in a git work tree."""
    return files.has_git(folder)


def _commit(project: Path, message: str) -> None:
    configured = _configured(project)
    settings = dict(_OURS) | {key: value for key, value in _NOBODY.items() if key not in configured}
    if "init.defaultbranch" not in configured:
        settings["init.defaultBranch"] = "main"
    _git(project, settings, "init", "--quiet")
    _git(project, settings, "add", "--all")
    _git(project, settings, "commit", "--quiet", "--no-verify", "--message", message)


def _configured(project: Path) -> set[str]:
    pattern = r"^(user\.(name|email)|init\.defaultbranch)$"
    done = process.run(
        ["git", "config", "--name-only", "--get-regexp", pattern], cwd=project, env=_environment(), timeout=_BOUND
    )
    return set(done.stdout.split())


def _git(project: Path, settings: dict[str, str], *arguments: str) -> None:
    options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
    done = process.run(["git", *options, *arguments], cwd=project, env=_environment(), timeout=_BOUND)
    if not done.ok:
        said = done.stderr.strip().splitlines() or [f"exit {done.returncode}"]
        raise GitRefusedError(f"git {arguments[0]}: {said[0]}")


def _environment() -> dict[str, str]:
    """Return our environment without what a surrounding git (such as one running a hook) tells its children."""
    ours = ("GIT_AUTHOR_", "GIT_COMMITTER_", "GIT_CONFIG_", "GIT_EXEC_PATH")
    kept = {key: value for key, value in os.environ.items() if not key.startswith("GIT_") or key.startswith(ours)}
    return {
        **kept,
        "GIT_ALLOW_PROTOCOL": "file:https:ssh",
        "GIT_LFS_SKIP_SMUDGE": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "LC_ALL": "C",
    }
