"""The files of a tree, each read once, within bounds; nothing of it is run and nothing is written into it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch
from functools import cached_property
from pathlib import Path

from agentctl import files
from agentctl.checklist import texts
from agentctl.checklist.facts import roles
from agentctl.errors import NoAnswerError

MAX_FILES = 200_000
_BINARY = frozenset({
    ".png", ".jpg", ".jpeg", ".gif", ".webp", ".ico", ".pdf", ".zip", ".gz", ".tar", ".whl", ".so", ".pyc", ".woff",
    ".woff2", ".ttf", ".eot", ".mp3", ".mp4", ".wav", ".onnx", ".pt", ".bin", ".parquet", ".db", ".sqlite", ".jar",
    ".svg", ".csv", ".jsonl", ".map", ".docx", ".pptx", ".xlsx", ".pkl", ".npy", ".excalidraw",
})  # fmt: skip


class Texts(Mapping[str, str]):
    """Text by path: what is no Python is held, what is Python is read when it is asked for.

    The facts of Python are all that most of it is read for; keeping ten thousand modules would take as much memory as
    everything else.
    """

    def __init__(self, root: Path, plain: Mapping[str, str], python: Iterable[str]) -> None:
        self._root = root
        self._plain = plain
        self._python = dict.fromkeys(python)

    def __getitem__(self, path: str) -> str:
        held = self._plain.get(path)
        if held is None:
            if path not in self._python:
                raise KeyError(path)
            held = texts.text_of(self._root / path)[0] or ""
        return held

    def __iter__(self) -> Iterator[str]:
        return iter((*self._plain, *self._python))

    def __len__(self) -> int:
        return len(self._plain) + len(self._python)

    def __contains__(self, path: object) -> bool:
        return path in self._plain or path in self._python


@dataclass(frozen=True)
class Tree:
    """What was read.

    Attributes:
        root: The folder.
        plain: Relative path to text, for text files within the size limit that are no Python.
        python: The Python files within the size limit.
        digests: SHA-256 of the content of each of both.
        unread: Relative path to the reason that it was not read ("larger than 2 MB").
        paths: Every regular file's path, read or not.
        left_out: By pattern of the tree's own settings: how many files it excludes, and how much shipped Python.
    """

    root: Path
    plain: Mapping[str, str]
    python: tuple[str, ...]
    digests: Mapping[str, str]
    unread: Mapping[str, str]
    paths: tuple[str, ...]
    left_out: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    @cached_property
    def texts(self) -> Texts:
        """The text of every file by path."""
        return Texts(self.root, self.plain, self.python)


def read(root: Path, exclude: Iterable[str] = ()) -> Tree:
    """Read the text files of a tree; what cannot be read is listed with its reason, never an error.

    Raises:
        NoAnswerError: There are more files than are looked at; an answer from a part of them would be none.
    """
    patterns = tuple(exclude)
    listed = files.listed(root)
    left = {name: pattern for name in listed if (pattern := _excluding(name, patterns))}
    wanted = [name for name in listed if name not in left]
    if len(wanted) > MAX_FILES:
        message = f"{root}: holds {len(wanted):,} files, more than the {MAX_FILES:,} that are looked at"
        raise NoAnswerError(message, hint="name a folder of it, or leave some out: [tool.agentctl.checklist] exclude")
    plain: dict[str, str] = {}
    digests: dict[str, str] = {}
    unread: dict[str, str] = {}
    for name in wanted:
        if name[name.rfind(".") :].lower() in _BINARY:
            continue
        raw, problem = texts.content(f"{root}/{name}")
        if raw is not None and not name.endswith(".py"):
            plain[name], problem = texts.decoded(name, raw)
        if problem:
            unread[name] = problem
            plain.pop(name, None)
        else:
            digests[name] = hashlib.sha256(raw or b"").hexdigest()
    python = tuple(name for name in digests if name.endswith(".py"))
    return Tree(root, plain, python, digests, unread, tuple(wanted), _counted(left))


def _excluding(name: str, patterns: Iterable[str]) -> str | None:
    return next((pattern for pattern in patterns if _matches(name, pattern)), None)


def _counted(left: Mapping[str, str]) -> dict[str, tuple[int, int]]:
    """Return for each pattern the number of files, and of shipped Python files, that it leaves out."""
    found: dict[str, tuple[int, int]] = {}
    for name, pattern in left.items():
        files_, shipped = found.get(pattern, (0, 0))
        found[pattern] = files_ + 1, shipped + (name.endswith(".py") and roles.role(name) == roles.SHIPPED)
    return found


def _matches(name: str, pattern: str) -> bool:
    return fnmatch(name, pattern) or fnmatch(name, f"{pattern.rstrip('/')}/*")
