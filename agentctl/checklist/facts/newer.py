"""Read Python that is newer than the interpreter that reads it: its new words are put into older ones, line by line.

A tool that runs on 3.11 has to understand a repository written for 3.14: what cannot be read would count as absent.
"""

from __future__ import annotations

import ast
import re
import sys

_NEWEST = (3, 14)  # what is rewritten below; an interpreter from here on reads it itself
_MENDS = 40  # lines; a file that needs more is not Python
_WORDS = (
    # PEP 695, Python 3.12: a type statement, and below parameters of a function or a class
    (re.compile(r"^([ \t]*)type[ \t]+(\w+)[ \t]*(?:\[[^\]\n]*\])?[ \t]*=(?!=)", re.MULTILINE), r"\1\2 ="),
    (
        re.compile(
            r"^([ \t]*(?:async[ \t]+def|def|class)[ \t]+\w+)[ \t]*\[(?:[^\[\]\n]|\[[^\[\]\n]*\])*\](?=[ \t]*[(:])",
            re.MULTILINE,
        ),
        r"\1",
    ),
    # PEP 758, Python 3.14: several exceptions without parentheses
    (re.compile(r"^([ \t]*except\*?)[ \t]+([\w.]+(?:[ \t]*,[ \t]*[\w.]+)+)[ \t]*:", re.MULTILINE), r"\1 (\2):"),
    # PEP 750, Python 3.14: template strings
    (re.compile(r"(?<![\w\"'])[tT]([rR]?[\"'])"), r"f\1"),
)
_FIELD = re.compile(r"\{[^{}]*\}")


def parse(text: str) -> ast.Module:
    """Return the syntax tree of a file.

    Raises:
        SyntaxError, ValueError, RecursionError, MemoryError: It is not Python 3.
    """
    try:
        return ast.parse(text)
    except SyntaxError:
        if sys.version_info >= _NEWEST:
            raise
        for pattern, older in _WORDS:
            text = pattern.sub(older, text)
    return _mended(text)


def _mended(text: str) -> ast.Module:
    """Parse; where an f-string holds its own quotes (PEP 701, Python 3.12), try with the other ones."""
    rows = text.split("\n")
    for _ in range(_MENDS):
        try:
            return ast.parse("\n".join(rows))
        except SyntaxError as error:
            place = (error.lineno or 0) - 1
            row = rows[place] if 0 <= place < len(rows) else ""
            older = _FIELD.sub(lambda field: field.group().replace('"', "'").replace("\\n", " "), row)
            if older == row:
                raise
            rows[place] = older
    return ast.parse("\n".join(rows))
