"""TOML by ``tomllib``; places come from a small scanner, which runs only when one is asked for."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from math import isfinite
from typing import Any

from agentctl.documents import limits
from agentctl.documents.json import Places
from agentctl.documents.model import BadDocumentError, Document, Pointer, Problem, Span

_AT = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_KEY = re.compile(r'[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'')
_STRING = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*"{3,5}' r"|'''.*?'{3,5}(?!')" r'|"(?:[^"\\\n]|\\.)*"' r"|'[^'\n]*'", re.DOTALL
)
_ATOM = re.compile(r"\d{4}-\d\d-\d\d \d\d:[^\s,\]}#]+|[^\s,\]}#]+")
_LONG_NUMBER = re.compile(rf"[0-9_]{{{limits.MAX_DIGITS + 1},}}")
MAX_KEY_PARTS = 4 * limits.MAX_DEPTH
_MANY_PARTS = re.compile(rf"^(?:[^.\n=]*\.){{{MAX_KEY_PARTS},}}", re.MULTILINE)


def read(text: str) -> tuple[Document, ...]:
    """Return the one document of a TOML text; dates are its strings.

    Raises:
        BadDocumentError: It is not TOML, or goes beyond the bounds.
    """
    if _MANY_PARTS.search(text):  # tomllib takes quadratic time over such keys
        raise limits.too_deep()
    if _LONG_NUMBER.search(text):
        raise BadDocumentError(_bad_number(None))
    limits.check_count(text, _STRING, "\n,[")
    problems: list[Problem] = []
    value = _plain(_parsed(text), (), problems)
    found = cache(lambda: _Scanner(text).scan())

    def locate(pointer: Pointer, *, at_key: bool) -> Span | None:
        return found().locate(pointer, at_key=at_key)

    return (Document(value=value, locate=locate, problems=tuple(problems)),)


def _parsed(text: str) -> dict[str, Any]:
    try:
        value = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _syntax(str(error), text) from error
    except RecursionError:
        raise limits.too_deep() from None
    limits.check_depth(value)
    return value


def _plain(value: Any, pointer: Pointer, problems: list[Problem]) -> Any:
    if isinstance(value, dict):
        return {key: _plain(child, (*pointer, key), problems) for key, child in value.items()}
    if isinstance(value, list):
        return [_plain(child, (*pointer, number), problems) for number, child in enumerate(value)]
    if isinstance(value, float) and not isfinite(value):
        problems.append(_bad_number(pointer))
        return None
    return value if isinstance(value, str | int | float) else str(value)


def _syntax(words: str, text: str) -> BadDocumentError:
    match = _AT.search(words)
    line, column = (int(match[1]), int(match[2])) if match and match[1] else (text.count("\n") + 1, 1)
    message = words[: match.start()] if match else words
    span = Span(line, column, line, column + 1)
    return BadDocumentError(Problem(id="syntax", message=f"is not TOML: {message[:1].lower()}{message[1:]}", span=span))


def _bad_number(pointer: Pointer | None) -> Problem:
    return Problem(
        id="number",
        message="this number is not finite or too long for any reader",
        hint="write a number that a double can hold",
        pointer=pointer or (),
    )


class _Scanner:
    """Walks a text that the parser has already accepted."""

    def __init__(self, text: str) -> None:
        self._text, self._at = text, 0
        self._places = Places(text)
        self._tables: dict[Pointer, int] = {}  # how many [[tables]] stand under a name

    def scan(self) -> Places:
        self._places.values[()] = (0, 0)
        table: Pointer = ()
        while self._skip(_BLANK):
            table = self._header() if self._text[self._at] == "[" else self._pair(table)
        return self._places

    def _skip(self, pattern: re.Pattern[str]) -> str:
        """Pass over blanks and return the character that follows."""
        match = pattern.match(self._text, self._at)
        self._at = match.end() if match else self._at
        return self._text[self._at : self._at + 1]

    def _take(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self._text, self._at)
        if match is None:  # never on text that the parser accepted
            raise BadDocumentError(Problem(id="syntax", message="is not TOML"))
        self._at = match.end()
        return match.group()

    def _header(self) -> Pointer:
        start = self._at
        several = self._text.startswith("[[", start)
        self._at += 2 if several else 1
        names, extent = self._key()
        table = self._resolved(names if not several else names[:-1])
        if several:
            count = self._tables.get((*table, names[-1]), 0)
            self._tables[*table, names[-1]] = count + 1
            self._places.keys.setdefault((*table, names[-1]), extent)
            self._places.values.setdefault((*table, names[-1]), extent)
            table = (*table, names[-1], count)
        self._note(table, extent)
        self._skip(_SPACE)
        self._at += 2 if several else 1
        return table

    def _note(self, table: Pointer, extent: tuple[int, int]) -> None:
        """Remember where a table, and those around it that have no header of their own, are named."""
        for length in range(1, len(table) + 1):
            self._places.keys.setdefault(table[:length], extent)
            self._places.values.setdefault(table[:length], extent)
        self._places.keys[table] = self._places.values[table] = extent

    def _resolved(self, names: list[str]) -> Pointer:
        """Return the pointer of a header's name: under an array of tables its last one is meant."""
        pointer: Pointer = ()
        for name in names:
            pointer = (*pointer, name)
            if pointer in self._tables:
                pointer = (*pointer, self._tables[pointer] - 1)
        return pointer

    def _key(self) -> tuple[list[str], tuple[int, int]]:
        names: list[str] = []
        self._skip(_SPACE)
        start = self._at
        while True:
            part = self._take(_KEY)
            names.append(next(iter(tomllib.loads(f"{part}=0"))))
            end = self._at
            if self._skip(_SPACE) != ".":
                return names, (start, end)
            self._at += 1
            self._skip(_SPACE)

    def _pair(self, table: Pointer) -> Pointer:
        names, extent = self._key()
        self._skip(_SPACE)
        self._at += 1  # the equals sign
        self._note((*table, *names), extent)
        self._value((*table, *names))
        return table

    def _value(self, pointer: Pointer) -> None:
        first = self._skip(_SPACE)
        start = self._at
        if first == "[":
            self._array(pointer)
        elif first == "{":
            self._inline_table(pointer)
        else:
            self._take(_STRING if first in {'"', "'"} else _ATOM)
        self._places.values[pointer] = (start, self._at)

    def _array(self, pointer: Pointer) -> None:
        self._at += 1
        number = 0
        while self._skip(_BLANK) != "]":
            self._value((*pointer, number))
            number += 1
            if self._skip(_BLANK) == ",":
                self._at += 1
        self._at += 1

    def _inline_table(self, pointer: Pointer) -> None:
        self._at += 1
        while self._skip(_BLANK) != "}":
            self._pair(pointer)
            if self._skip(_BLANK) == ",":
                self._at += 1
        self._at += 1
