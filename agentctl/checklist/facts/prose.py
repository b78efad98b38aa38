"""What of a Python file is code, and what is told about it: for the few files whose text a check reads again."""

from __future__ import annotations

import re

_TEXTS = re.compile(  # and comments; a text that begins a line stands on its own
    r"""(?P<first>^[ \t]*)?[rbuf]{0,2}(?P<quotes>\"{3}|'{3})(?P<text>(\\.|(?!(?P=quotes)).)*)(?P=quotes)"""
    r"""|#[^\n]*|"(\\.|[^"\\\n])*"|'(\\.|[^'\\\n])*'""",
    re.MULTILINE | re.DOTALL | re.IGNORECASE,
)


def lines_of_code(text: str) -> int:
    """Return how many lines are neither empty nor a comment nor a text of their own."""
    code = _TEXTS.sub(lambda found: "" if _is_prose(found) else found[0], text)
    return sum(bool(line.strip()) for line in code.splitlines())


def docstrings(text: str) -> str:
    """Return the texts that stand on their own, one after another."""
    return "\n".join(found["text"] for found in _TEXTS.finditer(text) if found["first"] is not None)


def _is_prose(found: re.Match[str]) -> bool:
    return found["first"] is not None or found[0].startswith("#")
