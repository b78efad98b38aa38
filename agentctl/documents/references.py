"""Where a schema's references lead: into itself, to files beside it, to what is shipped; never into the network."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from agentctl.documents import reading
from agentctl.documents.model import value_at
from agentctl.documents.schemas import Schema, kinds

Retrieve = Callable[[str], Any]
KNOWN: dict[str, Any] = {}  # schemas at hand by their own address, beside the shipped ones


class NotFetchedError(ValueError):
    """A reference that leads out of this machine."""


def retriever(schema: Schema, used: list[str]) -> Retrieve:
    """Return what finds the schema behind an address; it notes in ``used`` what is not at hand.

    An address in the network is taken from the shipped schemas, from ``KNOWN``, or from a file of that name beside the
    schema which says itself (``$id``) that it is the one.
    """

    def retrieve(uri: str) -> Any:
        found = _known(uri)
        if found is None:
            used.append(uri)
            found = in_file(uri) if uri.startswith("file:") else _beside(schema.path, uri)
        if found is None:
            raise NotFetchedError(uri)
        return found

    return retrieve


def know(schema: Schema) -> None:
    """Let other schemas refer to this one by its own address."""
    uri = own_address(schema.content)
    if uri:
        KNOWN[uri] = schema.content


def ring(content: Any) -> str | None:
    """Return a reference that leads back to itself and says nothing on its way, or None."""
    for start in _referring(content):
        seen: list[int] = []
        node: Any = start
        while isinstance(node, dict) and isinstance(node.get("$ref"), str) and node["$ref"].startswith("#"):
            if id(node) in seen:
                return str(node["$ref"])
            seen.append(id(node))
            node = _target(content, node["$ref"])
    return None


def _target(root: Any, reference: str) -> Any:
    parts = reference[1:].split("/")[1:] if reference.startswith("#/") or reference == "#" else [reference]
    return value_at(root, tuple(part.replace("~1", "/").replace("~0", "~") for part in parts))


def _referring(content: Any) -> Iterator[dict[str, Any]]:
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


def path_of(uri: str) -> Path:
    """Return the path of a ``file:`` address."""
    from urllib.parse import unquote, urlsplit

    return Path(unquote(urlsplit(uri).path))


def bundled(content: Any, parts: Mapping[str, Any]) -> Any:
    """Return a schema that holds the schemas behind the addresses that it refers to (JSON Schema 2020-12, 9.3.1)."""
    if not parts or not isinstance(content, dict):
        return content
    inside = {uri: {**part, "$id": uri} if isinstance(part, dict) else part for uri, part in parts.items()}
    keyword = "definitions" if re.search(r"draft-0[67]", str(content.get("$schema"))) else "$defs"
    return {**content, keyword: {**content.get(keyword, {}), **inside}}


def in_file(uri: str) -> Any:
    """Return the schema in the file behind a ``file:`` address.

    Raises:
        BadDocumentError: It cannot be read.
        ValueError: It is none.
    """
    path = path_of(uri)
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
