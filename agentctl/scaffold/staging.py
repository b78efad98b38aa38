"""All or nothing: a project is made in a staging folder and appears at its place in one step.

A new folder appears by one rename. A folder that is there already (``new .`` in an empty folder or a fresh clone) keeps
its identity, since a shell may stand in it: the entries are renamed into it with signals held back, and renamed back
should one fail.
"""

from __future__ import annotations

import os
import re
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from agentctl.errors import UsageError
from agentctl.signals import undisturbed

_CLONE = re.compile(r"\.git|\.gitignore|licen[cs]e(\..+)?|readme(\..+)?", re.IGNORECASE)
_JOINED = ("README.md", ".gitignore")  # the project's own files and pages rely on what these say
_WAS = ".was"  # where what was joined lies until the project is whole
_LAST = (".git", ".agentctl")  # the pristine render moves last: until then it tells what an earlier run moved


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where a project is to appear.

    Attributes:
        path: Absolute.
        exists: It is a folder already, empty or a fresh clone.
        kept: The names in it whose content stays.
    """

    path: Path
    exists: bool = False
    kept: tuple[str, ...] = ()

    @property
    def joined(self) -> tuple[str, ...]:
        """Those of them that the project's own content is put below."""
        files = (name for name in self.kept if name in _JOINED and not (self.path / name).is_symlink())
        return tuple(name for name in files if (self.path / name).is_file())

    @property
    def untouched(self) -> tuple[str, ...]:
        """Those that stay as they are."""
        return tuple(name for name in self.kept if name not in self.joined)


def clean(path: Path) -> None:
    """Remove what runs for this place that were killed have left: beside it, or in it when it was there before.

    Raises:
        OSError: It cannot be removed.
    """
    for around in (path.parent, path):
        for staging in _killed(around, path.name):
            if around == path:
                _take_back(staging, path)
            shutil.rmtree(staging)


def target(path: Path, *, in_use: bool = False) -> Target:
    """Look at the place without touching it; with ``in_use`` it may hold anything, as nothing will be put there.

    Raises:
        UsageError: Something is there that a project cannot be put over, or the folder around it is missing.
        OSError: The place cannot be looked at.
    """
    if not os.path.lexists(path):
        _require_folder(path.parent)
        return Target(path=path)
    if not path.is_dir():
        raise UsageError(f"{path}: is there already and is not a folder", hint="choose another name")
    names = sorted(entry.name for entry in path.iterdir() if not _is_staging(entry.name, path.name))
    foreign = [name for name in names if not _CLONE.fullmatch(name)]
    if foreign and in_use:
        return Target(path=path, exists=True)
    if foreign:
        raise UsageError(
            f"{path}: is not empty ({_some(foreign)})",
            hint="choose another name or empty it; a fresh clone may hold .git, LICENSE, README and .gitignore",
        )
    return Target(path=path, exists=True, kept=tuple(name for name in names if _CLONE.fullmatch(name)))


def join(project: Path, target: Target) -> None:
    """Put what the target holds above what the project has in its files of the same name.

    Raises:
        OSError: It cannot be read.
    """
    for name in target.joined:
        if (project / name).is_file():
            ours = (project / name).read_bytes()
            (project / name).write_bytes(_both((target.path / name).read_bytes(), ours))


@contextmanager
def staged(target: Target) -> Iterator[Path]:
    """Make the staging folder, and remove it on the way out, whatever happens."""
    around = target.path if target.exists else target.path.parent
    folder = around / f".{target.path.name}.agentctl-{os.getpid()}"
    try:
        shutil.rmtree(folder, ignore_errors=True)  # a killed run may have had our number
        folder.mkdir()
        yield folder
    finally:
        with undisturbed():
            shutil.rmtree(folder, ignore_errors=True)


def settle(project: Path, target: Target) -> None:
    """Move the finished project to its place.

    Raises:
        UsageError: Something else appeared there meanwhile.
        OSError: The file system refuses; nothing was moved.
    """
    if target.exists:
        with undisturbed():
            _move_into(project, target)
        return
    if os.path.lexists(target.path):
        raise UsageError(f"{target.path}: appeared while the project was made", hint="choose another name")
    project.rename(target.path)


def _require_folder(folder: Path) -> None:
    if folder.is_dir():
        return
    if os.path.lexists(folder):
        raise UsageError(f"{folder}: is not a folder", hint="name a folder with --output-dir")
    raise UsageError(f"{folder}: is not there", hint=f"mkdir -p {folder}, or name another folder with --output-dir")


def _some(names: list[str]) -> str:
    shown, rest = names[:3], names[3:]
    return ", ".join(shown) + (f" and {len(rest)} more" if rest else "")


def _move_into(project: Path, target: Target) -> None:
    names = [entry.name for entry in project.iterdir() if entry.name not in target.untouched]
    present = [name for name in names if name not in target.joined and os.path.lexists(target.path / name)]
    if present:
        raise UsageError(f"{target.path / present[0]}: appeared while the project was made")
    was = project.parent / _WAS
    was.mkdir()
    ordered = sorted(names, key=lambda name: (name in _LAST, name == _LAST[-1], name))
    steps = [step for name in ordered for step in _steps(name, project, target, was)]
    done: list[tuple[Path, Path]] = []
    try:
        for source, place in steps:
            source.rename(place)
            done.append((source, place))
    except OSError:
        for source, place in reversed(done):
            place.rename(source)
        raise


def _steps(name: str, project: Path, target: Target, was: Path) -> Iterator[tuple[Path, Path]]:
    if name in target.joined:
        yield target.path / name, was / name
    yield project / name, target.path / name


def _both(theirs: bytes, ours: bytes) -> bytes:
    return theirs.rstrip() + b"\n\n" + ours if theirs.strip() else ours


def _is_staging(entry: str, name: str) -> bool:
    return re.fullmatch(rf"\.{re.escape(name)}\.agentctl-\d+", entry) is not None


def _killed(around: Path, name: str) -> list[Path]:
    """Return the staging folders of runs that are no more."""
    if not around.is_dir():
        return []
    found = [entry for entry in around.iterdir() if _is_staging(entry.name, name) and entry.is_dir()]
    return [entry for entry in found if not _alive(int(entry.name.rpartition("-")[2]))]


def _alive(pid: int) -> bool:
    if pid == os.getpid():  # the same number in another container, or in an earlier life of this one
        return False
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def _take_back(staging: Path, folder: Path) -> None:
    """Remove from the folder what a killed run had moved into it, as far as nobody has changed it since."""
    for archive in staging.glob("*/.agentctl/base.zip"):
        with suppress(zipfile.BadZipFile), zipfile.ZipFile(archive) as pristine:
            moved = [name for name in pristine.namelist() if not (archive.parent.parent / name).exists()]
            for name in moved:
                _remove_same(folder, folder / name, pristine.read(name))
            for was in staging.glob(f"{_WAS}/*"):
                _restore(was, folder / was.name, pristine.read(was.name))


def _remove_same(folder: Path, path: Path, content: bytes) -> None:
    if not path.is_file() or path.is_symlink() or path.read_bytes() != content:
        return
    path.unlink()
    for parent in path.parents:
        if parent == folder or any(parent.iterdir()):
            break
        parent.rmdir()


def _restore(was: Path, path: Path, ours: bytes) -> None:
    """Put back what a project's content was joined to, unless somebody has changed that since."""
    if not path.exists() or path.read_bytes() == _both(was.read_bytes(), ours):
        was.rename(path)
