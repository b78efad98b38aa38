"""How much of a document is taken on, so that no input costs unbounded time or memory."""

from __future__ import annotations

from typing import Any

from agentctl.documents.model import BadDocumentError, Problem, Span

MAX_BYTES = 10_000_000
MAX_DEPTH = 200
MAX_VALUES = 1_000_000  # after aliases are written out
MAX_DIGITS = 300  # a double holds 1e308


def too_deep(span: Span | None = None) -> BadDocumentError:
    """Return the refusal of a document that is nested too deeply."""
    return BadDocumentError(
        Problem(id="too-large", message=f"nested more than {MAX_DEPTH} levels deep", hint="flatten it", span=span)
    )


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
