"""JSON by the standard library; places come from a small scanner, which runs only when one is asked for."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from functools import cache
from math import isfinite
from typing import Any

from agentctl.documents import limits
from agentctl.documents.model import BadDocumentError, Document, Pointer, Problem, Span

_SPACE = re.compile(r"[ \t\r\n]*")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_ATOM = re.compile(r"[^\s,\]}]+")
Extent = tuple[int, int]


def read(text: str) -> tuple[Document, ...]:
    """Return the one document of a JSON text; none when it is blank.

    Raises:
        BadDocumentError: It is not JSON, or goes beyond the bounds.
    """
    if not text.strip():
        return ()
    limits.check_count(text, _STRING, ",[{")
    doubled: list[str] = []
    numbers: list[str] = []
    value = _parsed(text, doubled, numbers)
    limits.check_depth(value)
    found = cache(lambda: _Scanner(text).scan())

    def locate(pointer: Pointer, *, at_key: bool) -> Span | None:
        return found().locate(pointer, at_key=at_key)

    problems: tuple[Problem, ...] = ()
    if doubled or numbers:
        problems = (*found().doubled, *found().numbers)
    return (Document(value=value, locate=locate, problems=problems),)


def _parsed(text: str, doubled: list[str], numbers: list[str]) -> Any:
    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(items)
        if len(made) < len(items):
            doubled.append("")
        return made

    def number(literal: str) -> Any:
        numbers.append(literal)

    def integer(literal: str) -> Any:
        return int(literal) if len(literal) <= limits.MAX_DIGITS else number(literal)

    def real(literal: str) -> Any:
        value = float(literal)
        return value if isfinite(value) else number(literal)

    try:
        return json.loads(text, object_pairs_hook=pairs, parse_constant=number, parse_int=integer, parse_float=real)
    except json.JSONDecodeError as error:
        span = Span(error.lineno, error.colno, error.lineno, error.colno + 1)
        message = f"is not JSON: {error.msg[:1].lower()}{error.msg[1:]}"
        raise BadDocumentError(Problem(id="syntax", message=message, span=span)) from error
    except RecursionError:
        raise limits.too_deep() from None


class Places:
    """Where the values and keys of a text stand, by pointer; offsets become lines and columns when asked for."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(match.end() for match in re.finditer(r"\r\n|\n|\r", text))]
        self.values: dict[Pointer, Extent] = {}
        self.keys: dict[Pointer, Extent] = {}
        self.doubled: list[Problem] = []
        self.numbers: list[Problem] = []

    def locate(self, pointer: Pointer, *, at_key: bool) -> Span | None:
        """Return the place of a value or key, or of the nearest value around it."""
        if at_key and pointer in self.keys:
            return self.span(self.keys[pointer])
        while pointer not in self.values and pointer:
            pointer = pointer[:-1]
        return self.span(self.values[pointer]) if pointer in self.values else None

    def span(self, extent: Extent) -> Span:
        """Return the lines and columns of a pair of offsets."""
        (line, column), (end_line, end_column) = (self._place(offset) for offset in extent)
        return Span(line, column, end_line, end_column)

    def _place(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1


class _Scanner:
    """Walks a text that the parser has already accepted."""

    def __init__(self, text: str) -> None:
        self._text, self._at = text, 0
        self._places = Places(text)

    def scan(self) -> Places:
        self._value(())
        return self._places

    def _space(self) -> str:
        match = _SPACE.match(self._text, self._at)
        self._at = match.end() if match else self._at
        return self._text[self._at : self._at + 1]

    def _value(self, pointer: Pointer) -> None:
        first = self._space()
        start = self._at
        if first == "{":
            self._object(pointer)
        elif first == "[":
            self._array(pointer)
        else:
            self._take(_STRING if first == '"' else _ATOM)
            self._check_number(first, start)
        self._places.values[pointer] = (start, self._at)

    def _take(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self._text, self._at)
        if match is None:  # never on text that the parser accepted
            raise BadDocumentError(Problem(id="syntax", message="is not JSON"))
        self._at = match.end()
        return match.group()

    def _object(self, pointer: Pointer) -> None:
        self._at += 1
        seen: set[str] = set()
        while self._space() != "}":
            start = self._at
            name = json.loads(self._take(_STRING), strict=False)
            extent = (start, self._at)
            if name in seen:
                self._places.doubled.append(_doubled(name, self._places.span(extent)))
            seen.add(name)
            self._places.keys[*pointer, name] = extent
            self._space()
            self._at += 1  # the colon
            self._value((*pointer, name))
            self._comma()
        self._at += 1

    def _array(self, pointer: Pointer) -> None:
        self._at += 1
        number = 0
        while self._space() != "]":
            self._value((*pointer, number))
            number += 1
            self._comma()
        self._at += 1

    def _comma(self) -> None:
        if self._space() == ",":
            self._at += 1

    def _check_number(self, first: str, start: int) -> None:
        literal = self._text[start : self._at]
        if first == '"' or literal in {"true", "false", "null"}:
            return
        if len(literal) > limits.MAX_DIGITS or not isfinite(float(literal)):
            self._places.numbers.append(_bad_number(self._places.span((start, self._at))))


def _doubled(name: str, span: Span) -> Problem:
    return Problem(
        id="duplicate-key",
        message=f"`{name}` stands here a second time; only one of the two values can hold",
        hint="keep one of them",
        at_key=True,
        span=span,
    )


def _bad_number(span: Span) -> Problem:
    return Problem(
        id="number",
        message="this number is not finite or too long for any reader",
        hint="write a number that a double can hold",
        span=span,
    )
