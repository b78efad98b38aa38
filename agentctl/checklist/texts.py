"""The text of one file, within bounds: in the encoding that it declares, or why there is none."""

from __future__ import annotations

import codecs
import io
import tokenize
from pathlib import Path

MAX_BYTES = 2_000_000


def text_of(path: Path | str) -> tuple[str | None, str]:
    """Return a file's text, or None and why there is none."""
    raw, problem = content(path)
    if raw is None:
        return None, problem
    text, problem = decoded(str(path), raw)
    return (None, problem) if problem else (text, "")


def content(path: Path | str) -> tuple[bytes | None, str]:
    """Return what a file holds, or None and why that is not looked at."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - a name, not a path
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        return None, f"cannot be read: {error.strerror}"
    if len(raw) > MAX_BYTES:
        return None, f"larger than {MAX_BYTES // 1_000_000} MB"
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):  # as some editors on Windows save
        raw = raw.decode("utf-16", "replace").encode()
    return (None, "holds NUL bytes") if b"\0" in raw else (raw, "")


def decoded(name: str, raw: bytes) -> tuple[str, str]:
    """Return the text, and what is wrong with its encoding."""
    try:
        if not name.endswith((".py", ".pyi")):
            return raw.decode("utf-8-sig"), ""
        encoding = "utf-8-sig" if raw.isascii() and b"coding" not in raw[:200] else _declared(raw)
        return raw.decode(encoding), ""
    except (SyntaxError, UnicodeDecodeError, LookupError):
        return "", "is not in the encoding that it declares"


def _declared(raw: bytes) -> str:
    return tokenize.detect_encoding(io.BytesIO(raw).readline)[0]
