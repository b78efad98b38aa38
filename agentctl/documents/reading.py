"""From bytes to documents: every way in which a file can be bad ends as one problem."""

from __future__ import annotations

import os
import stat
from importlib import import_module
from pathlib import Path

from agentctl.documents import limits, slips
from agentctl.documents.model import BadDocumentError, Parsed, Problem, Span
from agentctl.results import Severity

_FORMATS = {"yaml": "yaml", "yml": "yaml", "json": "json", "toml": "toml", "csv": "csv"}
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_BOM = b"\xef\xbb\xbf"
_AS_UTF8 = "save it as UTF-8 without a byte order mark"


def format_of(name: str) -> str | None:
    """Return ``yaml``, ``json``, ``toml`` or ``csv`` by the name's ending, or None."""
    _, dot, ending = name.rpartition(".")
    return _FORMATS.get(ending.lower()) if dot else None


def read_file(path: Path | str) -> bytes:
    """Return the content of a regular file within the bounds; never opens a pipe, a socket or a device.

    Raises:
        BadDocumentError: It cannot be read.
    """
    try:
        found = os.stat(path)  # noqa: PTH116 - called for every file
        if not stat.S_ISREG(found.st_mode):
            raise BadDocumentError(Problem(id="unreadable", message=f"is a {_kind(found.st_mode)}, not a file"))
        check_size(found.st_size)
        data = _read(path, found.st_size)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        message = f"cannot be read: {reason[:1].lower()}{reason[1:]}"
        raise BadDocumentError(Problem(id="unreadable", message=message, hint="check its permissions")) from error
    check_size(len(data))
    return data


def _read(path: Path | str, size: int) -> bytes:
    """Read a file of about a size, without waiting for one that has become a pipe meanwhile."""
    file = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        parts = [os.read(file, size + 1)]
        while parts[-1] and sum(map(len, parts)) <= limits.MAX_BYTES:
            parts.append(os.read(file, 1_000_000))
    finally:
        os.close(file)
    return b"".join(parts)


def check_size(size: int) -> None:
    """Refuse more than the bound.

    Raises:
        BadDocumentError: It is more.
    """
    if size > limits.MAX_BYTES:
        message = f"is larger than {limits.MAX_BYTES // 1_000_000} MB, more than any configuration needs"
        raise BadDocumentError(Problem(id="too-large", message=message, hint="split it, or leave it out"))


def parse(data: bytes, form: str) -> Parsed:
    """Read bytes as ``yaml``, ``json``, ``toml`` or ``csv``; what is wrong is in the answer, nothing is raised."""
    text = ""
    try:
        text, problems = _decoded(data, form)
        documents = import_module(f"agentctl.documents.{form}").read(text)
    except BadDocumentError as error:
        return Parsed(text=text, problems=(slips.explained(error.problem, text, form),))
    if not documents:
        problems.append(Problem(id="empty", message="is empty", hint="fill it in or delete it"))
    return Parsed(text=text, documents=documents, problems=tuple(problems))


def _decoded(data: bytes, form: str) -> tuple[str, list[Problem]]:
    if data.startswith(_UTF16):
        raise BadDocumentError(Problem(id="encoding", message="is UTF-16", hint=_AS_UTF8))
    problems = []
    if data.startswith(_BOM):
        data = data[len(_BOM) :]
        severity = Severity.WARNING if form in {"yaml", "csv"} else Severity.ERROR
        message = "starts with a byte order mark"
        problems.append(
            Problem(id="encoding", message=message, hint=_AS_UTF8, severity=severity, span=Span(1, 1, 1, 2))
        )
    nul = data.find(b"\0")
    if nul >= 0:
        span = _span_of(data, nul)
        raise BadDocumentError(Problem(id="encoding", message="has a NUL byte", hint="remove it", span=span))
    try:
        return data.decode("utf-8"), problems
    except UnicodeDecodeError as error:
        message = f"byte 0x{data[error.start]:02x} is not UTF-8"
        span = _span_of(data, error.start)
        raise BadDocumentError(Problem(id="encoding", message=message, hint=_AS_UTF8, span=span)) from error


def _span_of(data: bytes, offset: int) -> Span:
    before = data[:offset].decode("utf-8", "replace")
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    return Span(line, column, line, column + 1)


def _kind(mode: int) -> str:
    names = {stat.S_IFDIR: "folder", stat.S_IFIFO: "pipe", stat.S_IFSOCK: "socket"}
    return names.get(stat.S_IFMT(mode), "device")
