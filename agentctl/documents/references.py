"""Where a schema's references lead: into itself, to files beside it, to what is shipped; never into the network."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from agentctl.documents import reading
from agentctl.documents.model import value_at
from agentctl.documents.schemas import Schema, kinds

Retrieve = Callable[[str], Any]
KNOWN: dict[str, Any] = {}  # schemas at hand by their own address, beside the shipped ones
_SAME_VALUE = ("allOf", "anyOf", "oneOf", "not", "if", "then", "else", "$ref")


class NotFetchedError(ValueError):
    """A reference that leads out of this machine."""


def retriever(schema: Schema, used: list[str]) -> Retrieve:
    """Return what finds the schema behind an address; it notes in ``used`` what it had to look for.

    An address in the network is taken from the shipped schemas, from ``KNOWN``, or from a file of that name beside the
    schema which says itself (``$id``) that it is the one.
    """

    def retrieve(uri: str) -> Any:
        used.append(uri)
        found = _known(uri)
        if found is None:
            found = _from_file(uri) if uri.startswith("file:") else _beside(schema.path, uri)
        if found is None:
            raise NotFetchedError(uri)
        return found

    return retrieve


def know(schema: Schema) -> None:
    """Let other schemas refer to this one by its own address."""
    uri = own_address(schema.content)
    if uri:
        KNOWN.setdefault(uri, schema.content)


def ring(content: Any) -> str | None:
    """Return a reference that leads back to itself before any part of the value was looked at, or None.

    Such a schema would be asked about the same value for ever.
    """
    done: set[int] = set()
    for node in _nodes(content):
        found = _ring_from(content, node, [], done)
        if found:
            return found
    return None


def _ring_from(root: Any, node: Any, trail: list[int], done: set[int]) -> str | None:
    if not isinstance(node, dict) or id(node) in done:
        return None
    for word, following in _applied(root, node):
        if id(following) in {*trail, id(node)}:
            return word
        found = _ring_from(root, following, [*trail, id(node)], done)
        if found:
            return found
    done.add(id(node))
    return None


def _applied(root: Any, node: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the schemas that hold for the same value."""
    for keyword in _SAME_VALUE:
        inner = node.get(keyword)
        if keyword == "$ref":
            if isinstance(inner, str) and inner.startswith("#"):
                yield inner, _target(root, inner)
        else:
            yield from ((keyword, one) for one in (inner if isinstance(inner, list) else [inner]))


def _target(root: Any, reference: str) -> Any:
    parts = reference[1:].split("/")[1:] if reference.startswith("#/") or reference == "#" else [reference]
    return value_at(root, tuple(part.replace("~1", "/").replace("~0", "~") for part in parts))


def _nodes(content: Any) -> Iterator[dict[str, Any]]:
    """Yield the mappings that refer to something."""
    waiting = [content]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            if isinstance(node.get("$ref"), str):
                yield node
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)


def _known(uri: str) -> Any:
    address = uri.removesuffix("#")
    if address in KNOWN:
        return KNOWN[address]
    if address.startswith("urn:agentctl:"):
        return next((one.content for one in kinds().values() if own_address(one.content) == address), None)
    return None


def _from_file(uri: str) -> Any:
    from urllib.parse import unquote, urlsplit

    path = Path(unquote(urlsplit(uri).path))
    parsed = reading.parse(reading.read_file(path), reading.format_of(path.name) or "json")
    if parsed.problems:
        raise ValueError(parsed.problems[0].message)
    return parsed.documents[0].value


def _beside(path: Path, uri: str) -> Any:
    name = uri.removesuffix("#").rpartition("/")[2]
    for candidate in (path.parent / name, path.parent / f"{name}.json"):
        if name and candidate.is_file():
            try:
                content = json.loads(reading.read_file(candidate))
            except (ValueError, RecursionError):
                return None
            return content if own_address(content) == uri.removesuffix("#") else None
    return None


def own_address(content: Any) -> str:
    """Return what a schema calls itself (``$id``), empty when nothing."""
    uri = (content.get("$id") or content.get("id")) if isinstance(content, dict) else None
    return uri.removesuffix("#") if isinstance(uri, str) else ""
