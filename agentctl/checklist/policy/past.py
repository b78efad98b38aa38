"""A tree as it was at a git revision, in a folder of its own: nothing is run, filtered or fetched."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from agentctl import files
from agentctl.checklist.texts import MAX_BYTES
from agentctl.checklist.tree import MAX_FILES
from agentctl.errors import NoAnswerError, UsageError

_DEEPER = "in CI check out the history (actions/checkout: `fetch-depth: 0`; GitLab: `GIT_DEPTH: 0`)"
_BATCH = 2_000  # files whose content is asked of git at once
_Blob = tuple[str, int, bytes]  # path, size, what names its content


@dataclass(frozen=True, kw_only=True)
class Past:
    """A revision of a tree: its name as asked for, the folder that holds it, and when it was committed."""

    name: str
    root: Path
    when: int


@contextmanager
def checked_out(root: Path, name: str) -> Iterator[Past]:
    """Write the files of a revision into a temporary folder, which goes away with the block.

    Git is asked for the raw content of each file, so that no hook, filter, attribute or large-file tool has a part in
    it. Links and submodules are left out, as are names that would leave the folder.

    Raises:
        UsageError: There is no such revision, or no repository.
        NoAnswerError: The clone lacks its content, or the folder cannot be written.
    """
    commit, when = find(root, name)
    with tempfile.TemporaryDirectory(prefix="agentctl-past-") as folder:
        top = Path(folder) / root.name
        top.mkdir()
        blobs = _blobs(root, commit, name)
        for start in range(0, len(blobs), _BATCH):
            _write(root, top, blobs[start : start + _BATCH], name)
        _list(top, blobs)
        yield Past(name=name, root=top, when=when)


def find(root: Path, name: str) -> tuple[str, int]:
    """Return the commit that a name stands for, and when it was made, in seconds.

    Raises:
        UsageError: There is no such revision, or no repository.
    """
    if not files.has_git(root):
        raise UsageError(f"--against {name}: {root} is in no git repository", hint="leave --against out")
    found = files.git(root, "rev-parse", "--verify", "-q", "--end-of-options", f"{name}^{{commit}}")
    if not found:
        raise UsageError(f"--against {name}: there is no such revision", hint=f"git log --oneline; {_DEEPER}")
    commit = found.decode().strip()
    when = files.git(root, "show", "-s", "--format=%ct", "--no-show-signature", commit) or b"0"
    return commit, int(when.split()[-1])


def _blobs(root: Path, commit: str, name: str) -> list[_Blob]:
    """Return the regular files under the root at a commit, by path from the root."""
    listed = files.git(root, "ls-tree", "-r", "-l", "-z", commit)
    if listed is None:
        raise NoAnswerError(f"the files of {name} cannot be listed", hint=_DEEPER)
    found = [_entry(line) for line in listed.split(b"\0") if line.startswith(b"100")]
    return [blob for blob in found if _is_inside(blob[0])][:MAX_FILES]


def _entry(line: bytes) -> _Blob:
    told, _, path = line.partition(b"\t")
    _mode, _kind, blob, size = told.split()
    return os.fsdecode(path), int(size), blob


def _is_inside(path: str) -> bool:
    parts = path.split("/")
    return not PurePosixPath(path).is_absolute() and not any(part.lower() in {"", ".", "..", ".git"} for part in parts)


def _write(root: Path, top: Path, blobs: Sequence[_Blob], name: str) -> None:
    small = [blob for blob in blobs if blob[1] <= MAX_BYTES]
    asked = b"".join(blob + b"\n" for _path, _size, blob in small)
    answer = files.git(root, "cat-file", "--batch", asked=asked) if small else b""
    if answer is None:
        raise NoAnswerError(f"the files of {name} cannot be read from this clone", hint=_DEEPER)
    start = 0
    for path, size, _blob in small:
        start = answer.find(b"\n", start) + 1
        if start == 0 or len(answer) < start + size:
            raise NoAnswerError(f"{path} at {name} is not in this clone", hint=_DEEPER)
        _make(top / path, answer[start : start + size])
        start += size + 1
    for path, size, _blob in blobs:
        if size > MAX_BYTES:
            _make(top / path, b"")
            os.truncate(top / path, size)  # as large as it was, so that it is told; nothing is stored for it


def _list(top: Path, blobs: Sequence[_Blob]) -> None:
    """Tell git there which files it tracks, since what a tree ignores belongs to it all the same when it is tracked."""
    if files.git(top, "init", "-q", "--template=") is not None:
        listed = b"".join(b"100644 %s 0\t%s\0" % (blob, os.fsencode(path)) for path, _size, blob in blobs)
        files.git(top, "update-index", "-z", "--index-info", asked=listed)


def _make(path: Path, data: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    except (OSError, ValueError) as error:
        raise NoAnswerError(f"{path.name}: cannot be written to the temporary folder: {error}") from error
