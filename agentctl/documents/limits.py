"""How much of a document is taken on, so that no input costs unbounded time or memory."""

from __future__ import annotations

import re
from typing import Any

from agentctl.documents.model import BadDocumentError, Problem, Span

MAX_BYTES = 10_000_000
MAX_DEPTH = 200
MAX_VALUES = 250_000  # of a document, after aliases are written out: 150 MB as nodes, 2 s to read
MAX_DIGITS = 300  # a double holds 1e308


def too_deep(span: Span | None = None) -> BadDocumentError:
    """Return the refusal of a document that is nested too deeply."""
    return BadDocumentError(
        Problem(id="too-large", message=f"nested more than {MAX_DEPTH} levels deep", hint="flatten it", span=span)
    )


def too_many(span: Span | None = None) -> BadDocumentError:
    """Return the refusal of a document that holds too many values."""
    message = f"holds more than {MAX_VALUES:,} values"
    return BadDocumentError(Problem(id="too-large", message=message, hint="split the file", span=span))


def check_count(text: str, strings: re.Pattern[str], marks: str) -> None:
    """Refuse a text that holds too many values, before they are made.

    Args:
        text: The whole text.
        strings: What strings look like, in which a mark is none.
        marks: The characters of which a value needs one.

    Raises:
        BadDocumentError: It does.
    """
    if sum(map(text.count, marks)) > MAX_VALUES:
        bare = strings.sub("", text)
        if sum(map(bare.count, marks)) > MAX_VALUES:
            raise too_many()


def check_depth(value: Any) -> None:
    """Refuse values nested beyond the bound; needs no recursion.

    Raises:
        BadDocumentError: They are.
    """
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [child for parent in level for child in _children(parent)]
        if not level:
            return
    raise too_deep()


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [child for child in value.values() if isinstance(child, dict | list)]
    return [child for child in value if isinstance(child, dict | list)] if isinstance(value, list) else []
