"""How values and choices are put into a message."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from agentctl.documents.model import Pointer

_LONGEST = 60
_TYPES = {
    bool: "true or false",
    int: "an integer",
    float: "a number",
    str: "a string",
    list: "a list",
    dict: "a mapping",
}
_NAMES = {
    "object": "a mapping",
    "array": "a list",
    "string": "a string",
    "integer": "an integer",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}


def subject(pointer: Pointer) -> str:
    """Return what a message is about: the nearest key, or the document."""
    name = next((part for part in reversed(pointer) if isinstance(part, str)), None)
    if name is None:
        return f"item {pointer[-1]}" if pointer else "the document"
    return f"`{name}`" if pointer[-1] == name else f"an item of `{name}`"


def type_of(value: Any) -> str:
    """Return what a value is, in words: ``a list``."""
    return "null" if value is None else _TYPES.get(type(value), type(value).__name__)


def types(names: Iterable[str]) -> str:
    """Return JSON Schema's type names in words: ``a list or a string``."""
    return either([_NAMES.get(name, name) for name in names])


def shown(value: Any) -> str:
    """Return a value as it may stand in a message: short, on one line."""
    if isinstance(value, dict | list):
        return type_of(value)
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 4]}..."


def either(choices: Sequence[str]) -> str:
    """Join choices: ``a, b or c``."""
    *most, last = choices
    return f"{', '.join(most)} or {last}" if most else last


def nearest(word: object, choices: Iterable[object], *, cutoff: float = 0.6) -> str | None:
    """Return the choice that the word was probably meant to be, or None."""
    from difflib import get_close_matches

    if not isinstance(word, str):
        return None
    strings: dict[str, str] = {}
    for choice in choices:
        if isinstance(choice, str):
            strings.setdefault(choice.lower(), choice)
    found = get_close_matches(word.lower().replace("-", "_"), strings, n=1, cutoff=cutoff)
    found = found or get_close_matches(word.lower(), strings, n=1, cutoff=cutoff)
    return strings[found[0]] if found else None
