"""What a document is once it is read: plain values, and the place of each of them when it is asked for.

What is made for each of many files is a named tuple, which takes a fifth of the time of a frozen dataclass.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from agentctl.results import Severity

Pointer = tuple[str | int, ...]


class Span(NamedTuple):
    """A stretch of the source: lines and columns from 1, in characters; the end column is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing that is wrong with a document, by whichever part found it.

    Attributes:
        id: The stable id that ``agentctl explain`` knows.
        pointer: The value that it is about.
        at_key: Whether the key is to blame (unknown, doubled), not its value.
        span: The place, where the reader knows it already.
    """

    id: str
    message: str
    hint: str | None = None
    pointer: Pointer = ()
    at_key: bool = False
    span: Span | None = None
    severity: Severity = Severity.ERROR


class Locate(Protocol):
    """Maps a pointer to the place of its value, or of its key."""

    def __call__(self, pointer: Pointer, *, at_key: bool) -> Span | None:
        """Return the place, or that of the nearest value around it."""


class Document(NamedTuple):
    """One document of a file.

    Attributes:
        value: JSON values only (no dates, no sets, string keys).
        locate: Maps a pointer to its place.
        problems: What the reader itself found wrong, such as doubled keys.
    """

    value: Any
    locate: Locate
    problems: tuple[Problem, ...] = ()


class Parsed(NamedTuple):
    """A file that was read: its text, its documents, and what kept it from being read in whole."""

    text: str = ""
    documents: tuple[Document, ...] = ()
    problems: tuple[Problem, ...] = ()


class BadDocumentError(Exception):
    """A file that cannot be read as what it claims to be; it becomes one finding."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def json_pointer(pointer: Pointer) -> str:
    """Return RFC 6901 text."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in pointer)


def value_at(value: Any, pointer: Pointer) -> Any:
    """Return the value at a pointer, or None where it leads nowhere."""
    for part in pointer:
        if isinstance(value, dict):
            value = value.get(str(part))
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
        else:
            return None
    return value
