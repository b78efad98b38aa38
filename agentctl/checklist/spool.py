"""Bytes by name in a file: what was parsed does not stay in memory until it is asked for."""

from __future__ import annotations

import os
import struct
import weakref
from collections.abc import Iterator, Mapping
from pathlib import Path

_HEAD = struct.Struct("<II")  # lengths of the name and of the bytes


class Spool(Mapping[str, bytes]):
    """Bytes by name, in a file that is closed with the last one who can ask for them.

    Raises:
        OSError: The file cannot be made, read or written.
    """

    def __init__(self, descriptor: int, start: int = 0) -> None:
        self._descriptor = descriptor
        self._end = start
        self._places: dict[str, tuple[int, int]] = {}
        weakref.finalize(self, os.close, descriptor)

    @classmethod
    def made(cls, path: Path | None = None) -> Spool:
        """Return an empty one: in a new file of that name, or in one that nobody else sees."""
        if path is not None:
            return cls(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        import tempfile

        descriptor, name = tempfile.mkstemp(prefix="agentctl-")
        os.unlink(name)  # noqa: PTH108 - a name, not a path
        return cls(descriptor)

    @classmethod
    def opened(cls, path: Path, start: int = 0) -> Spool:
        """Return what a file holds from a place on."""
        found = cls(os.open(path, os.O_RDONLY), start)
        with path.open("rb") as file:
            file.seek(start)
            while head := file.read(_HEAD.size):
                named, size = _HEAD.unpack(head)
                name = file.read(named).decode("utf-8", "surrogatepass")
                found._place(name, named, size)
                file.seek(size, os.SEEK_CUR)
        return found

    def keep(self, name: str, data: bytes) -> None:
        """Add bytes under a name that has none yet."""
        row = record(name, data)
        if os.pwrite(self._descriptor, row, self._end) != len(row):
            raise OSError("no space left for what was parsed")
        self._place(name, len(row) - _HEAD.size - len(data), len(data))

    def __getitem__(self, name: str) -> bytes:
        start, size = self._places[name]
        return os.pread(self._descriptor, size, start)

    def __contains__(self, name: object) -> bool:
        return name in self._places

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def _place(self, name: str, named: int, size: int) -> None:
        start = self._end + _HEAD.size + named
        self._places[name] = (start, size)
        self._end = start + size


def record(name: str, data: bytes) -> bytes:
    """Return bytes and their name as they stand in the file."""
    named = name.encode("utf-8", "surrogatepass")
    return _HEAD.pack(len(named), len(data)) + named + data
