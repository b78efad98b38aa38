"""Which files a tree has, without following links out of it and without writing into it."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

# Folders that hold what tools made, never what a person wrote.
MADE = frozenset({
    ".git", ".hg", ".svn", ".venv", "venv", "node_modules", "__pycache__", ".mypy_cache", ".pytest_cache",
    ".ruff_cache", ".tox", ".nox", ".eggs", ".hypothesis", ".agentctl", "site-packages", ".cache", ".pytype",
    ".ipynb_checkpoints", ".import_linter_cache", "htmlcov",
})  # fmt: skip
MAX_DEPTH = 60
_EXAMPLE = re.compile(r"(^|/)[\w.-]*env\.(example|sample|template|dist)$")
_LOCK = re.compile(r"(^|(?<=/))((uv|poetry|pdm|pixi)\.lock|pylock\.toml)$")


def listed(root: Path) -> list[str]:
    """Return the tree's regular files as sorted relative paths with forward slashes.

    Git's own list (tracked, and untracked but not ignored) where there is a repository, else a walk without what the
    tree's ``.gitignore`` files ignore. ``.agentctl``, virtual environments of any name and other folders that tools
    make are left out of both. Links, sockets, devices and FIFOs are left out.
    """
    return list(scanned(root))


def scanned(root: Path) -> dict[str, os.stat_result]:
    """Return the same files with what the file system says of each, asked once."""
    # An empty list: the folder itself is ignored by a repository around it, which says nothing about what is in it.
    found = _tracked(root) or _not_ignored(root, _walked(os.fspath(root)))
    return {name: found[name] for name in sorted(found)}


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


def _is_made(folder: str) -> bool:
    """Return whether a folder's own name says that a tool made it."""
    return folder in MADE or folder.endswith(".egg-info")


def _tracked(root: Path) -> dict[str, os.stat_result]:
    """Return the regular files that git knows of, without what tools made; nothing where there is no repository."""
    names = _from_git(root) or ()
    marker = "/pyvenv.cfg"
    environments = {name.removesuffix(marker) for name in names if name.endswith(marker)}
    known = {"": False}

    def is_inside(folder: str) -> bool:
        inside = known.get(folder)
        if inside is None:
            above, _slash, last = folder.rpartition("/")
            inside = known[folder] = _is_made(last) or folder in environments or is_inside(above)
        return inside

    return _regular(
        root, (name for name in names if name.rpartition("/")[2] not in MADE and not is_inside(_folder(name)))
    )


def _folder(name: str) -> str:
    return name.rpartition("/")[0]


def _regular(root: Path, names: Iterable[str]) -> dict[str, os.stat_result]:
    """Return the regular files among names, without those that are reached through a link; asks once a folder."""
    top = os.fspath(root)
    real = {"": True}

    def is_real(folder: str) -> bool:
        known = real.get(folder)
        if known is None:
            found = _state(f"{top}/{folder}")
            known = real[folder] = found is not None and stat.S_ISDIR(found.st_mode) and is_real(_folder(folder))
        return known

    states = ((name, _state(f"{top}/{name}")) for name in names if is_real(_folder(name)))
    return {name: found for name, found in states if found and stat.S_ISREG(found.st_mode)}


def _state(path: str) -> os.stat_result | None:
    try:
        return os.lstat(path)
    except (OSError, ValueError):
        return None


def _from_git(root: Path) -> list[str] | None:
    found = git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    return None if found is None else [os.fsdecode(name) for name in set(found.split(b"\0")) if name]


def _not_ignored(root: Path, found: dict[str, os.stat_result]) -> dict[str, os.stat_result]:
    """Drop what a tree without a repository tells git to ignore, so that what a run writes there is no content of it.

    Git itself is asked, with an empty repository elsewhere: its patterns have more rules than a copy would keep.
    Without git nothing is dropped.
    """
    if not any(name == ".gitignore" or name.endswith("/.gitignore") for name in found):
        return found
    with tempfile.TemporaryDirectory(prefix="agentctl-") as folder:
        for part in ("objects", "refs"):
            (Path(folder) / part).mkdir()
        (Path(folder) / "HEAD").write_text("ref: refs/heads/main\n", encoding="ascii")
        elsewhere = (f"--git-dir={folder}", f"--work-tree={root}", "-c", "core.excludesFile=")
        asked = b"\0".join(os.fsencode(name) for name in found)
        told = git(root, *elsewhere, "check-ignore", "-z", "--stdin", "--no-index", asked=asked)
    ignored = {os.fsdecode(path) for path in (told or b"").split(b"\0")}
    others = set(found) - ignored
    ignored -= {name for name in ignored if _is_kept(name, others)}
    return {name: state for name, state in found.items() if name not in ignored}


def _is_kept(name: str, others: set[str]) -> bool:
    """Return whether an ignored file is one that many trees keep all the same, which only git's own list tells.

    That is an example of ``.env``, and the lock beside a manifest.
    """
    return bool(_EXAMPLE.search(name)) or (bool(_LOCK.search(name)) and _LOCK.sub("pyproject.toml", name) in others)


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


def _walked(top: str) -> dict[str, os.stat_result]:
    """Return the regular files of a tree; folders that tools make are not entered."""
    found: dict[str, os.stat_result] = {}
    waiting = [""]
    while waiting:
        folder = waiting.pop()
        try:
            inside = list(os.scandir(f"{top}/{folder}"))
        except OSError:
            continue
        if folder and any(entry.name == "pyvenv.cfg" for entry in inside):
            continue
        for entry in inside:
            if entry.name in MADE:
                continue
            if entry.is_file(follow_symlinks=False):
                try:
                    found[folder + entry.name] = entry.stat(follow_symlinks=False)
                except OSError:  # it vanished meanwhile
                    continue
            elif entry.is_dir(follow_symlinks=False) and not _is_made(entry.name) and folder.count("/") < MAX_DEPTH:
                waiting.append(f"{folder}{entry.name}/")
    return found
