"""One keyword of a schema that a value does not satisfy, whichever engine said so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from agentctl.documents.model import Pointer, value_at


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A keyword that failed at a place.

    Attributes:
        keyword: JSON Schema's name of it; ``false`` for a schema that nothing fits.
        wanted: What the keyword asks for: its value, except for ``required`` (the names that are missing),
            ``additionalProperties`` (the names that are not known) and ``propertyNames`` (the name that is wrong).
        instance: The value at the pointer.
        holder: The schema that the keyword stands in, with the nearest words about the value on the way to it.
        branches: What failed in each branch of ``anyOf`` or ``oneOf``; none when several branches of ``oneOf`` fit.
        message: The engine's own words, for keywords that we have none for.
    """

    keyword: str
    wanted: Any
    pointer: Pointer
    instance: Any
    holder: Mapping[str, Any]
    branches: tuple[tuple[Failure, ...], ...] = ()
    message: str = ""


def holder(schema: Any, path: Iterable[str | int]) -> dict[str, Any]:
    """Return the schema that a keyword stands in, with the words about its value: those that stand nearest to it.

    Args:
        schema: The whole schema.
        path: The way from its top to the keyword's schema; ``$ref`` may be named in it or be passed over in silence.
    """
    node = schema
    words: dict[str, Any] = {}
    for part in path:
        node, words = _referred(schema, node, part, words)
        if part == "$ref":
            continue
        node = value_at(node, (part,))
        words = _told(node, {} if part in {"properties", "items"} else words)
    node, words = _referred(schema, node, "", words)
    return {**node, **words} if isinstance(node, dict) else words


def _referred(schema: Any, node: Any, part: str | int, words: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Follow references within the schema until the part is there."""
    words = _told(node, words)
    for _ in range(20):
        target = node.get("$ref") if isinstance(node, dict) and part not in node else None
        if not isinstance(target, str) or not target.startswith("#/"):
            break
        node = value_at(schema, tuple(target[2:].split("/")))
        words = _told(node, words)
    return node, words


def _told(node: Any, words: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(node, dict):
        return words
    return {**words, **{key: node[key] for key in ("description", "x-hint") if key in node}}
