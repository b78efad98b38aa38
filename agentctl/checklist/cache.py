"""What was found out before, in the user's cache folder: never in the tree, never trusted when it is not whole.

One file per tree and purpose. It holds for the files of this package as they are and for this Python, is replaced in
one step so that two runs at once do no harm, and carries its own digest. ``AGENTCTL_CACHE`` names another folder, and
switches the cache off when it is empty.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import sys
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path

from agentctl import __version__
from agentctl.checklist.spool import Spool, record

MAX_FILES = 40
MAX_BYTES = 400_000_000
_DIGEST = 32  # bytes of SHA-256


class Store:
    """Bytes by key for one tree and one purpose; reading gives nothing and writing does nothing where it cannot."""

    def __init__(self, purpose: str, root: Path) -> None:
        self._path = _file(purpose, root)

    def read(self) -> Mapping[str, bytes]:
        """Return what was kept, or nothing when there is none or it is damaged."""
        if self._path is None:
            return {}
        try:
            with self._path.open("rb") as file:
                told = file.read(_DIGEST)
                if hashlib.file_digest(file, "sha256").digest() != told:
                    return {}
            os.utime(self._path)
            return Spool.opened(self._path, _DIGEST)
        except OSError:
            return {}

    def write(self, values: Iterable[tuple[str, bytes]]) -> None:
        """Keep the values instead of what was kept."""
        if self._path is None:
            return
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with tempfile.NamedTemporaryFile(dir=self._path.parent, suffix=".partial", delete=False) as partial:
                partial.write(bytes(_DIGEST))
                digest = hashlib.sha256()
                for row in itertools.starmap(record, values):
                    digest.update(row)
                    partial.write(row)
                partial.seek(0)
                partial.write(digest.digest())
            os.replace(partial.name, self._path)  # noqa: PTH105 - a name, not a path
            _prune(self._path.parent)


@cache
def identity() -> str:
    """Return what the answers depend on beside the tree: this package's files and this Python."""
    package = Path(__file__).parent
    stamps = [
        f"{path.relative_to(package)} {path.stat().st_mtime_ns} {path.stat().st_size}"
        for path in sorted(package.rglob("*.py"))
    ]
    return "\n".join([__version__, sys.version, *stamps])


def _file(purpose: str, root: Path) -> Path | None:
    named = os.environ.get("AGENTCTL_CACHE")
    if named == "":
        return None
    base = os.environ.get("XDG_CACHE_HOME", "")
    try:
        home = Path(base) if base.startswith("/") else Path.home() / ".cache"
    except RuntimeError:  # no home folder
        return None
    folder = Path(named).absolute() if named else home / "agentctl" / "checklist"
    key = hashlib.sha256(f"{os.fspath(root)}\0{identity()}".encode("utf-8", "surrogateescape")).hexdigest()[:32]
    return folder / f"{key}.{purpose}"


def _prune(folder: Path) -> None:
    """Drop the oldest files beyond the bounds, and what an interrupted run left."""
    ages = []
    for path in folder.iterdir():
        with suppress(OSError):
            status = path.stat()
            ages.append((status.st_mtime, status.st_size, path))
    held = 0
    for number, (_age, size, path) in enumerate(sorted(ages, reverse=True)):
        held += size
        if number >= MAX_FILES or held > MAX_BYTES:
            with suppress(OSError):
                path.unlink()
