"""The source line of a finding with a caret under the place."""

from __future__ import annotations

import re
import unicodedata

from agentctl.documents.model import Span

_WIDTH = 100
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def frame(line: str, span: Span) -> str:
    """Return the line of a span as text with carets, ready to print in a fixed-width face.

    Args:
        line: The line that the span starts in, secrets already masked.
        span: The place; where it goes over several lines only the first is drawn.
    """
    source = harmless(line)
    start = min(span.column - 1, len(source))
    end = span.end_column - 1 if span.end_line == span.line else len(source.rstrip())
    end = max(min(end, len(source)), start + 1)
    left = max(0, min(start - _WIDTH // 2, len(source) - _WIDTH))
    shown = source[left : left + _WIDTH]
    caret = " " * _columns(source[left:start]) + "^" * max(_columns(source[start : min(end, left + _WIDTH)]), 1)
    number = str(span.line)
    margin = " " * len(number)
    return f"  {number} | {shown.rstrip()}\n  {margin} | {caret}"


def harmless(text: str) -> str:
    """Return text with tabs as spaces and what could steer a terminal replaced."""
    return _CONTROL.sub("\ufffd", text.replace("\t", " "))


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
