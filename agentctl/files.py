"""Which files a tree has, without following links out of it and without writing into it."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

# Folders that hold what tools made, never what a person wrote.
MADE = frozenset({
    ".git", ".hg", ".svn", ".venv", "venv", "node_modules", "__pycache__", ".mypy_cache", ".pytest_cache",
    ".ruff_cache", ".tox", ".nox", ".eggs", ".hypothesis", ".agentctl", "site-packages",
})  # fmt: skip
MAX_DEPTH = 60


def listed(root: Path) -> list[str]:
    """Return the tree's regular files as sorted relative paths with forward slashes.

    Git's own list (tracked, and untracked but not ignored) where there is a repository, else a walk. ``.agentctl`` and
    other folders that tools make are left out of both. Links, sockets, devices and FIFOs are left out.
    """
    names = _from_git(root)
    candidates = names if names is not None else _walk(root)
    return sorted(name for name in candidates if not _made(name) and _is_regular(root, name))


def has_git(root: Path) -> bool:
    """Return whether the folder lies in a git work tree whose list we can read."""
    return _git(root, "rev-parse", "--is-inside-work-tree") is not None


def commit(root: Path) -> str | None:
    """Return the commit that is checked out, or None without one."""
    found = _git(root, "rev-parse", "--verify", "-q", "HEAD")
    return found.decode().strip() if found else None


def _made(name: str) -> bool:
    return any(part in MADE or part.endswith(".egg-info") for part in name.split("/"))


def _is_regular(root: Path, name: str) -> bool:
    path = root
    try:
        for part in name.split("/"):
            path = path / part
            mode = path.lstat().st_mode
            if stat.S_ISLNK(mode):
                return False
    except OSError:
        return False
    return stat.S_ISREG(mode)


def _from_git(root: Path) -> list[str] | None:
    found = _git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    return None if found is None else [os.fsdecode(name) for name in set(found.split(b"\0")) if name]


def _git(root: Path, *arguments: str) -> bytes | None:
    """Run git on a tree that is not trusted: no hooks, no file-system monitor, no prompts, nothing written."""
    git = shutil.which("git")
    if git is None:
        return None
    quiet = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "safe.directory=*")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment = {**inherited, "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    try:
        done = subprocess.run(
            [git, *quiet, *arguments], cwd=root, env=environment, capture_output=True, timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None


def _walk(root: Path) -> Iterator[str]:
    for folder, folders, names in os.walk(root, followlinks=False):
        relative = Path(folder).relative_to(root)
        folders[:] = [name for name in folders if name not in MADE and len(relative.parts) < MAX_DEPTH]
        yield from ((relative / name).as_posix() for name in names)
