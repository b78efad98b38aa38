"""Which files a tree has, without following links out of it and without writing into it."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

# Folders that hold what tools made, never what a person wrote.
MADE = frozenset({
    ".git", ".hg", ".svn", ".venv", "venv", "node_modules", "__pycache__", ".mypy_cache", ".pytest_cache",
    ".ruff_cache", ".tox", ".nox", ".eggs", ".hypothesis", ".agentctl", "site-packages", ".cache", ".pytype",
    ".ipynb_checkpoints", ".import_linter_cache", "htmlcov",
})  # fmt: skip
MAX_DEPTH = 60


def listed(root: Path) -> list[str]:
    """Return the tree's regular files as sorted relative paths with forward slashes.

    Git's own list (tracked, and untracked but not ignored) where there is a repository, else a walk without what the
    tree's ``.gitignore`` files ignore. ``.agentctl``, virtual environments of any name and other folders that tools
    make are left out of both. Links, sockets, devices and FIFOs are left out.
    """
    # An empty list: the folder itself is ignored by a repository around it, which says nothing about what is in it.
    names = _from_git(root) or _not_ignored(root, list(_walk(root)))
    made = _Made(names)
    within = _Within(root)
    return sorted(name for name in names if name not in made and within.is_regular(name))


def has_git(root: Path) -> bool:
    """Return whether the folder lies in a git work tree whose list we can read."""
    return git(root, "rev-parse", "--is-inside-work-tree") is not None


def commit(root: Path) -> str | None:
    """Return the commit that is checked out, or None without one."""
    found = git(root, "rev-parse", "--verify", "-q", "HEAD")
    return found.decode().strip() if found else None


def tracks(root: Path, folder: str) -> bool:
    """Return whether git tracks a file under the folder."""
    return bool(git(root, "ls-files", "--cached", "--", folder))


class _Made:
    """What tools made, by its folders: known names, and virtual environments whatever they are called."""

    def __init__(self, names: list[str]) -> None:
        marker = "/pyvenv.cfg"
        self._environments = {name.removesuffix(marker) for name in names if name.endswith(marker)}
        self._known = {"": False}

    def __contains__(self, name: str) -> bool:
        folder, _slash, last = name.rpartition("/")
        return last in MADE or self._is_made(folder)

    def _is_made(self, folder: str) -> bool:
        known = self._known.get(folder)
        if known is None:
            above, _slash, last = folder.rpartition("/")
            known = last in MADE or last.endswith(".egg-info") or folder in self._environments or self._is_made(above)
            self._known[folder] = known
        return known


class _Within:
    """Tells regular files of a tree from links, and from files that are reached through a link; asks once a folder."""

    def __init__(self, root: Path) -> None:
        self._root = os.fspath(root)
        self._real = {"": True}

    def is_regular(self, name: str) -> bool:
        return stat.S_ISREG(self._mode(name)) and self._is_real(name.rpartition("/")[0])

    def _is_real(self, folder: str) -> bool:
        known = self._real.get(folder)
        if known is None:
            known = stat.S_ISDIR(self._mode(folder)) and self._is_real(folder.rpartition("/")[0])
            self._real[folder] = known
        return known

    def _mode(self, name: str) -> int:
        try:
            return os.lstat(f"{self._root}/{name}").st_mode
        except (OSError, ValueError):
            return 0


def _from_git(root: Path) -> list[str] | None:
    found = git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    return None if found is None else [os.fsdecode(name) for name in set(found.split(b"\0")) if name]


def _not_ignored(root: Path, names: list[str]) -> list[str]:
    """Drop what a tree without a repository tells git to ignore, so that what a run writes there is no content of it.

    Git itself is asked, with an empty repository elsewhere: its patterns have more rules than a copy would keep.
    Without git nothing is dropped.
    """
    if not any(name == ".gitignore" or name.endswith("/.gitignore") for name in names):
        return names
    with tempfile.TemporaryDirectory(prefix="agentctl-") as folder:
        for part in ("objects", "refs"):
            (Path(folder) / part).mkdir()
        (Path(folder) / "HEAD").write_text("ref: refs/heads/main\n", encoding="ascii")
        elsewhere = (f"--git-dir={folder}", f"--work-tree={root}", "-c", "core.excludesFile=")
        asked = b"\0".join(os.fsencode(name) for name in names)
        found = git(root, *elsewhere, "check-ignore", "-z", "--stdin", "--no-index", asked=asked)
    ignored = {os.fsdecode(name) for name in (found or b"").split(b"\0")}
    return [name for name in names if name not in ignored]


def git(root: Path, *arguments: str, asked: bytes | None = None) -> bytes | None:
    """Run git on a tree that is not trusted: no hooks, no file-system monitor, no prompts, nothing written or fetched.

    Returns:
        Its output, or None when there is no git, or when it fails or takes longer than a minute.
    """
    program = shutil.which("git")
    if program is None:
        return None
    quiet = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "safe.directory=*")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment = {**inherited, "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    environment |= {"GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "none"}  # a partial clone would fetch what it lacks
    try:
        done = subprocess.run(
            [program, *quiet, *arguments],
            cwd=root,
            env=environment,
            input=asked,
            capture_output=True,
            timeout=60,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None


def _walk(root: Path) -> Iterator[str]:
    for folder, folders, names in os.walk(root, followlinks=False):
        relative = Path(folder).relative_to(root)
        made = relative.parts and "pyvenv.cfg" in names
        enough = made or len(relative.parts) >= MAX_DEPTH
        folders[:] = [] if enough else [name for name in folders if name not in MADE]
        prefix = f"{relative.as_posix()}/" if relative.parts else ""
        yield from (prefix + name for name in names)
