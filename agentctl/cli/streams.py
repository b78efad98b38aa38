"""Standard output and standard error as they really are: closed, full, cut off, or in an old encoding."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from agentctl.errors import NoAnswerError


def prepare() -> None:
    """Never fail on a stream that the caller closed or on a character that the locale cannot write."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - lives until the exit
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def write(text: str, *, machine: bool) -> None:
    """Write to standard output; what a machine reads is UTF-8 in every locale.

    Raises:
        NoAnswerError: It cannot be written, such as on a full disk.
        BrokenPipeError: Nobody reads it any more.
    """
    if machine and hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8")
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        forget_stdout()
        raise NoAnswerError(f"standard output cannot be written: {error.strerror or error}") from error


def forget_stdout() -> None:
    """Give the interpreter something to flush at its exit, since what stood there is gone."""
    with suppress(OSError, ValueError):
        devnull = os.open(os.devnull, os.O_WRONLY)
        os.dup2(devnull, 1)


def ascii_only(stream: TextIO) -> bool:
    """Return whether a stream takes less than all of Unicode."""
    return not (getattr(stream, "encoding", None) or "").lower().replace("-", "").startswith("utf")


def wants_colour(stream: TextIO) -> bool:
    """Return whether to colour a stream: ``NO_COLOR`` and ``FORCE_COLOR`` win, then whether it is a terminal."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"
