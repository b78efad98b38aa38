"""What would be written, against what stands at the place already: unified differences, as git takes them."""

from __future__ import annotations

import difflib
import io
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_NOWHERE = "/dev/null"
_LARGEST = 1_000_000  # bytes; of what is larger it is only said that it differs


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One file that would be made or changed.

    Attributes:
        path: Relative to the project, with forward slashes.
        state: ``new`` or ``changed``.
        text: The unified difference, with line ends; one sentence for what is not text.
    """

    path: str
    state: str
    text: str


def between(project: Path, place: Path, paths: Sequence[str]) -> tuple[Difference, ...]:
    """Return how the files of a rendered project differ from those at the place; the same ones are left out."""
    return tuple(found for path in paths for found in _of_file(project, place, path))


def _of_file(project: Path, place: Path, path: str) -> Iterator[Difference]:
    there = os.path.lexists(place / path)
    before, after = _content(place / path) if there else b"", (project / path).read_bytes()
    if there and before == after:
        return
    names = f"a/{path}" if there else _NOWHERE, f"b/{path}"
    lines = _lines(before), _lines(after)
    text = f"Binary files {names[0]} and {names[1]} differ\n"
    if lines[0] is not None and lines[1] is not None:
        text = "".join(_ended(difflib.unified_diff(lines[0], lines[1], *names)))
    yield Difference(path=path, state="changed" if there else "new", text=text)


def _content(path: Path) -> bytes | None:
    """Return what the file holds; None when what stands there is no file that can be read."""
    try:
        return path.read_bytes() if path.is_file() and path.stat().st_size <= _LARGEST else None
    except OSError:
        return None


def _lines(content: bytes | None) -> list[str] | None:
    """Return the lines with their ends; None for what is not text."""
    if content is None or b"\0" in content:
        return None
    try:
        return list(io.StringIO(content.decode("utf-8"), newline="\n"))
    except UnicodeDecodeError:
        return None


def _ended(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
