"""Which problems have one safe mend, and what it is.

Safe means: what stands there means nothing today (a key that nothing reads, a value that nothing knows, a number in
quotes), and one candidate alone is near.  A name that others may rely on (a field, a role, an id) is never changed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from agentctl.documents.model import Pointer, Problem, value_at
from agentctl.documents.words import subject
from agentctl.validation.checking import Part
from agentctl.validation.rules.agent.fields import alias

_BOOLEANS = {**dict.fromkeys(("yes", "on", "true"), True), **dict.fromkeys(("no", "off", "false"), False)}
_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?")
_PLAIN = re.compile(r"[A-Za-z_][\w.-]*")
_WORDS = frozenset({*_BOOLEANS, "null", "y", "n"})  # what some reader takes for more than a text
_MEANT = re.compile(r"did you mean ([\"`])(.+)\1\?$")
_WRITE = re.compile(r'write "([^"]+)"')
_CLEAR = 0.75  # how alike the one candidate is
_APART = 0.1  # by how much more than the next one
_DEEPEST = 30  # references and branches that lead to each other


@dataclass(frozen=True, kw_only=True)
class Mend:
    """One safe mend.

    Attributes:
        pointer: The value in the whole document.
        at_key: Whether the key is renamed, not the value replaced.
        make: Takes the old text of the value; returns the new text with the value that it stands for, or None.
        words: What is done, for a person.
    """

    pointer: Pointer
    at_key: bool
    make: Callable[[str], tuple[str, Any] | None]
    words: str


def mend(problem: Problem, part: Part) -> Mend | None:
    """Return the safe mend of a problem, or None."""
    make = _MENDS.get(problem.id)
    if make is None or not problem.pointer:
        return None
    found = make(problem, part)
    if found is None:
        return None
    maker, words = found
    return Mend(pointer=(*part.table, *problem.pointer), at_key=problem.at_key, make=maker, words=words)


_Found = tuple[Callable[[str], tuple[str, Any] | None], str] | None


def _renamed(problem: Problem, part: Part) -> _Found:
    """Rename a key that has one clear candidate."""
    old, holder = problem.pointer[-1], value_at(part.value, problem.pointer[:-1])
    forms = _forms_at(part.schema.content, problem.pointer[:-1])
    known = {name for form in forms for name in form.get("properties", ())}
    near = _clear(old, known)
    if near is None or not isinstance(holder, dict) or near in holder or not problem.message.endswith(f"`{near}`?"):
        return None
    return _text(str(old), near), f"renamed `{old}` to `{near}`"


def _chosen(problem: Problem, part: Part) -> _Found:
    """Replace a value that is no choice by the one clear candidate."""
    old, match = value_at(part.value, problem.pointer), _MEANT.search(problem.message)
    forms = _forms_at(part.schema.content, problem.pointer)
    options = {one for form in forms for one in (*form.get("enum", ()), form.get("const")) if isinstance(one, str)}
    if match is None or not isinstance(old, str) or _clear(alias(old), options or {match[2]}) != match[2]:
        return None
    return _text(old, match[2]), f"{subject(problem.pointer)}: wrote {match[2]} for {old}"


def _typed(problem: Problem, part: Part) -> _Found:
    """Take a boolean or a number out of its quotes, or put a number into quotes, as the schema wants it."""
    old = value_at(part.value, problem.pointer)
    forms = _forms_at(part.schema.content, problem.pointer)
    types = {name for form in forms for name in _list(form.get("type"))}
    about = subject(problem.pointer)
    if isinstance(old, str) and types == {"boolean"} and old.lower() in _BOOLEANS:
        new = _BOOLEANS[old.lower()]
        return _unquoted(old, json.dumps(new), new), f"{about}: wrote {json.dumps(new)} for the text {old}"
    if isinstance(old, str) and types and types <= {"number", "integer"} and _NUMBER.fullmatch(old):
        whole = "." not in old
        if whole or "number" in types:
            return _unquoted(old, old, int(old) if whole else float(old)), f"{about}: took {old} out of its quotes"
    if isinstance(old, int | float) and not isinstance(old, bool) and types == {"string"}:
        return _quoted, f"{about}: put the number in quotes"
    return None


def _versioned(problem: Problem, part: Part) -> _Found:
    """Write a version of one or two parts with three."""
    old, match = value_at(part.value, problem.pointer), _WRITE.fullmatch(problem.hint or "")
    if match is None or not isinstance(old, str):
        return None
    return _text(old, match[1]), f"version: wrote {match[1]} for {old}"


_MENDS: dict[str, Callable[[Problem, Part], _Found]] = {
    "unknown-key": _renamed,
    "misspelt-key": _renamed,
    "unknown-value": _chosen,
    "environment-analysis-type": _chosen,
    "field-type": _chosen,
    "wrong-type": _typed,
    "agent-version": _versioned,
}


def _text(old: str, new: str) -> Callable[[str], tuple[str, Any] | None]:
    """Replace a key or a text, in the quotes that it has; of a dotted key the last part."""

    def make(source: str) -> tuple[str, Any] | None:
        if source in {f'"{old}"', f"'{old}'"} and not re.search(r"[\"'\\]", new):
            return f"{source[0]}{new}{source[0]}", new
        if source == old or source.endswith(f".{old}"):
            plain = _PLAIN.fullmatch(new) and new.lower() not in _WORDS
            return source[: len(source) - len(old)] + (new if plain else json.dumps(new)), new
        return None

    return make


def _unquoted(old: str, text: str, new: Any) -> Callable[[str], tuple[str, Any] | None]:
    return lambda source: (text, new) if source in {old, f'"{old}"', f"'{old}'"} else None


def _quoted(source: str) -> tuple[str, Any] | None:
    return (f'"{source}"', source) if re.fullmatch(r"[-+0-9.eE_]+", source) else None


def _clear(word: Any, choices: Iterable[str]) -> str | None:
    """Return the choice that a word was meant to be, when it is alike and no other is nearly as much."""
    rated = sorted(((_likeness(word, choice), choice) for choice in choices), reverse=True)
    if not rated or rated[0][0] < _CLEAR or (len(rated) > 1 and rated[1][0] > rated[0][0] - _APART):
        return None
    return rated[0][1]


def _likeness(word: Any, choice: str) -> float:
    return SequenceMatcher(None, str(word).lower().replace("-", "_"), choice.lower().replace("-", "_")).ratio()


def _forms_at(schema: Any, pointer: Pointer) -> list[dict[str, Any]]:
    """Return every form of schema that a value at a pointer may have to fit."""
    nodes = list(_forms(schema, schema, 0))
    for part in pointer:
        nodes = [form for node in nodes for form in _forms(_below(node, part), schema, 0)]
    return nodes


def _forms(node: Any, root: Any, depth: int) -> Iterator[dict[str, Any]]:
    if not isinstance(node, dict) or depth > _DEEPEST:
        return
    yield node
    if str(node.get("$ref", "")).startswith("#/"):
        yield from _forms(value_at(root, tuple(node["$ref"][2:].split("/"))), root, depth + 1)
    for key in ("anyOf", "oneOf", "allOf"):
        for form in _list(node.get(key)):
            yield from _forms(form, root, depth + 1)


def _below(node: dict[str, Any], part: str | int) -> Any:
    if isinstance(part, int):
        return node.get("items")
    properties = node.get("properties")
    return (properties or {}).get(part, node.get("additionalProperties"))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
