"""The files of a tree, each read once, within bounds; nothing of it is run and nothing is written into it."""

from __future__ import annotations

import hashlib
import io
import tokenize
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cached_property
from pathlib import Path, PurePosixPath

from agentctl import files

MAX_BYTES = 2_000_000
MAX_FILES = 200_000
_BINARY = frozenset({
    ".png", ".jpg", ".jpeg", ".gif", ".webp", ".ico", ".pdf", ".zip", ".gz", ".tar", ".whl", ".so", ".pyc", ".woff",
    ".woff2", ".ttf", ".eot", ".mp3", ".mp4", ".wav", ".onnx", ".pt", ".bin", ".parquet", ".db", ".sqlite", ".jar",
    ".svg", ".csv", ".jsonl", ".map", ".docx", ".pptx", ".xlsx", ".pkl", ".npy", ".excalidraw",
})  # fmt: skip


@dataclass(frozen=True)
class Tree:
    """What was read.

    Attributes:
        texts: Relative path to text, for text files within the size limit.
        unread: Relative path to the reason that it was not read ("larger than 2 MB").
        paths: Every regular file's path, read or not.
        left_out: How many files the settings exclude.
    """

    texts: Mapping[str, str]
    unread: Mapping[str, str]
    paths: tuple[str, ...]
    left_out: int = 0

    @cached_property
    def digests(self) -> Mapping[str, str]:
        """SHA-256 of each text, by path."""
        return {
            path: hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest() for path, text in self.texts.items()
        }


def read(root: Path, exclude: Iterable[str] = ()) -> Tree:
    """Read the text files of a tree; what cannot be read is listed with its reason, never an error."""
    patterns = tuple(exclude)
    listed = files.listed(root)[:MAX_FILES]
    wanted = [name for name in listed if not any(_matches(name, pattern) for pattern in patterns)]
    texts: dict[str, str] = {}
    unread: dict[str, str] = {}
    for name in wanted:
        if PurePosixPath(name).suffix.lower() in _BINARY:
            continue
        text, problem = _text(root / name)
        if text is None:
            unread[name] = problem
        else:
            texts[name] = text
    return Tree(texts=texts, unread=unread, paths=tuple(wanted), left_out=len(listed) - len(wanted))


def _matches(name: str, pattern: str) -> bool:
    return fnmatch(name, pattern) or fnmatch(name, f"{pattern.rstrip('/')}/*")


def _text(path: Path) -> tuple[str | None, str]:
    try:
        if path.stat().st_size > MAX_BYTES:
            return None, f"larger than {MAX_BYTES // 1_000_000} MB"
        raw = path.read_bytes()
    except OSError as error:
        return None, f"cannot be read: {error.strerror}"
    if b"\0" in raw:
        return None, "holds NUL bytes"
    try:
        return _decoded(path, raw), ""
    except (SyntaxError, UnicodeDecodeError, LookupError):
        return None, "is not in the encoding that it declares"


def _decoded(path: Path, raw: bytes) -> str:
    if path.suffix not in {".py", ".pyi"}:
        return raw.decode("utf-8-sig")
    encoding, _ = tokenize.detect_encoding(io.BytesIO(raw).readline)
    return raw.decode(encoding)
