"""Say in words of the domain why a value does not fit its schema: one problem for each cause."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from agentctl.documents.engine import Error
from agentctl.documents.model import Pointer, Problem, value_at
from agentctl.documents.words import either, nearest, shown, subject, type_of, types
from agentctl.results import Severity

_MANY = 12  # choices that a hint still lists
_BOOLEANS = {
    **dict.fromkeys(("yes", "on", "y", "true"), "true"),
    **dict.fromkeys(("no", "off", "n", "false"), "false"),
}
_NUMBER = r"-?\d+(\.\d+)?"
_DISCRIMINATORS = frozenset({"const", "enum"})


def problems(errors: Sequence[Error], schema: Any, value: Any) -> list[Problem]:
    """Return what the engine found as problems, without those that only follow from another."""
    found = [problem for error in errors for problem in _explained(error, schema, value)]
    misspelt = {(problem.pointer[:-1], _meant(problem)) for problem in found if problem.id == "unknown-key"}
    kept: dict[tuple[Pointer, str], Problem] = {}
    for problem in found:
        if problem.id == "missing-key" and (problem.pointer, _meant(problem)) in misspelt:
            continue
        kept.setdefault((problem.pointer, problem.message), problem)
    return list(kept.values())


def _meant(problem: Problem) -> str | None:
    return problem.message.rpartition("`")[0].rpartition("`")[2] if problem.message.count("`") > 1 else None


def _explained(error: Error, schema: Any, value: Any) -> Iterable[Problem]:
    pointer: Pointer = tuple(error.instance_path)
    explain = _EXPLAIN.get(error.kind.name)
    if explain is None:
        yield Problem(id="wrong-value", message=f"{subject(pointer)}: {error.message}", pointer=pointer)
        return
    yield from explain(error, pointer, _holder(error, schema), schema, value)


def _holder(error: Error, schema: Any) -> dict[str, Any]:
    """Return the schema that the failed keyword stands in, with the nearest words about the value on the way to it."""
    node = schema
    words: dict[str, Any] = {}
    for part in error.evaluation_path[:-1]:
        if part == "$ref" and isinstance(node, dict) and str(node.get(part, "")).startswith("#"):
            node = value_at(schema, tuple(str(node[part]).removeprefix("#").removeprefix("/").split("/")))
        else:
            node = value_at(node, (part,))
            words = {} if part in {"properties", "items"} else words
        if isinstance(node, dict):
            words = {**words, **{key: node[key] for key in ("description", "x-hint") if key in node}}
    return {**node, **words} if isinstance(node, dict) else words


def _hint(holder: dict[str, Any]) -> str | None:
    text = holder.get("x-hint") or holder.get("description")
    return text if isinstance(text, str) else None


def _type(error: Error, pointer: Pointer, holder: dict[str, Any], *_: Any) -> Iterable[Problem]:
    value = error.instance
    got = type_of(value) if isinstance(value, dict | list) or value is None else f"{_noun(value)} {shown(value)}"
    message = f"{subject(pointer)} must be {types(error.kind.value)}, not {got}"
    yield Problem(
        id="wrong-type", message=message, hint=_unquoted(value, error.kind.value) or _hint(holder), pointer=pointer
    )


def _unquoted(value: Any, wanted: Sequence[str]) -> str | None:
    """Return the mend for what only looks like the type that is wanted."""
    if isinstance(value, str) and "boolean" in wanted and value.lower() in _BOOLEANS:
        return f"write {_BOOLEANS[value.lower()]} without quotes; by YAML 1.2 yes, no, on and off are texts"
    if isinstance(value, str) and {"number", "integer"} & set(wanted) and re.fullmatch(_NUMBER, value):
        return f"write {value} without quotes"
    if isinstance(value, int | float) and not isinstance(value, bool) and "string" in wanted:
        return "put it in quotes"
    return None


def _noun(value: Any) -> str:
    return "the string" if isinstance(value, str) else "the number" if not isinstance(value, bool) else "the boolean"


def _required(error: Error, pointer: Pointer, holder: dict[str, Any], *_: Any) -> Iterable[Problem]:
    name = error.kind.value
    if not isinstance(name, str):
        name = str(name)
    about = _hint(_property(holder, name))
    hint = f"add `{name}`: {about[:1].lower()}{about[1:]}" if about else f"add `{name}`"
    yield Problem(
        id="missing-key", message=f"{subject(pointer)} lacks `{name}`", hint=hint, pointer=pointer, at_key=True
    )


def _property(holder: dict[str, Any], name: str) -> dict[str, Any]:
    properties = holder.get("properties")
    found = properties.get(name) if isinstance(properties, dict) else None
    return found if isinstance(found, dict) else {}


def _unknown_keys(error: Error, pointer: Pointer, holder: dict[str, Any], *_: Any) -> Iterable[Problem]:
    properties = holder.get("properties")
    known = list(properties) if isinstance(properties, dict) else []
    present = error.instance if isinstance(error.instance, dict) else {}
    for name in error.kind.value:
        message = f"{subject(pointer)} has no key `{name}`" if pointer else f"unknown key `{name}`"
        hint = f"known keys are {', '.join(known)}" if 0 < len(known) <= _MANY else "remove it"
        near = nearest(name, [key for key in known if key not in present]) or nearest(name, known)
        if near and near in present:
            message, hint = f"{message}; `{near}` is there already", "remove one of the two"
        elif near:
            message, hint = f"{message}, did you mean `{near}`?", f"rename it to `{near}`"
        yield Problem(id="unknown-key", message=message, hint=hint, pointer=(*pointer, name), at_key=True)


def _choice(error: Error, pointer: Pointer, holder: dict[str, Any], *_: Any) -> Iterable[Problem]:
    value = error.kind.value
    yield _not_among(pointer, error.instance, value if error.kind.name == "enum" else [value], holder)


def _not_among(pointer: Pointer, got: Any, options: Sequence[Any], holder: dict[str, Any]) -> Problem:
    near = nearest(got, options)
    name = next((part for part in reversed(pointer) if isinstance(part, str)), "value")
    message = f"unknown {name} {shown(got)}" + (f", did you mean {shown(near)}?" if near else "")
    listed = either([shown(option) for option in options[:_MANY]]) + (" and others" if len(options) > _MANY else "")
    return Problem(
        id="unknown-value", message=message, hint=_hint(holder) if near else f"use {listed}", pointer=pointer
    )


_BOUNDS = {
    "minimum": "must be at least {}",
    "maximum": "must be at most {}",
    "exclusiveMinimum": "must be more than {}",
    "exclusiveMaximum": "must be less than {}",
    "multipleOf": "must be a multiple of {}",
}
_SIZES = {
    "minLength": "must have at least {} character(s)",
    "maxLength": "must have at most {} character(s)",
    "minItems": "must have at least {} item(s)",
    "maxItems": "must have at most {} item(s)",
    "minProperties": "must have at least {} key(s)",
    "maxProperties": "must have at most {} key(s)",
}


def _bound(error: Error, pointer: Pointer, holder: dict[str, Any], *_: Any) -> Iterable[Problem]:
    wanted = _BOUNDS[error.kind.name].format(error.kind.value)
    message = f"{subject(pointer)} {wanted}, not {shown(error.instance)}"
    yield Problem(id="out-of-range", message=message, hint=_hint(holder), pointer=pointer)


def _size(error: Error, pointer: Pointer, holder: dict[str, Any], *_: Any) -> Iterable[Problem]:
    limit = error.kind.value
    wanted = _SIZES[error.kind.name].format(limit).replace("(s)", "" if limit == 1 else "s")
    empty = error.kind.name.startswith("min") and limit == 1
    message = f"{subject(pointer)} is empty" if empty else f"{subject(pointer)} {wanted}"
    yield Problem(id="out-of-range", message=message, hint=_hint(holder), pointer=pointer)


def _pattern(error: Error, pointer: Pointer, holder: dict[str, Any], *_: Any) -> Iterable[Problem]:
    message = f"{subject(pointer)} is {shown(error.instance)}, which has not the form that is wanted"
    hint = _hint(holder) or f"it must match {error.kind.value}"
    yield Problem(id="wrong-format", message=message, hint=hint, pointer=pointer)


def _format(error: Error, pointer: Pointer, holder: dict[str, Any], *_: Any) -> Iterable[Problem]:
    message = f"{subject(pointer)} is {shown(error.instance)}, which is no {error.kind.value}"
    yield Problem(id="wrong-format", message=message, hint=_hint(holder), pointer=pointer)


def _unique(_error: Error, pointer: Pointer, holder: dict[str, Any], *_: Any) -> Iterable[Problem]:
    message = f"{subject(pointer)} names the same item twice"
    yield Problem(id="wrong-value", message=message, hint=_hint(holder) or "remove one of them", pointer=pointer)


def _property_name(error: Error, pointer: Pointer, holder: dict[str, Any], *_: Any) -> Iterable[Problem]:
    name = str(error.kind.value.instance)
    names = holder.get("propertyNames")
    hint = _hint(names if isinstance(names, dict) else holder)
    message = f"{subject(pointer)} may not have a key like `{name}`"
    yield Problem(id="unknown-key", message=message, hint=hint, pointer=(*pointer, name), at_key=True)


def _never(_error: Error, pointer: Pointer, holder: dict[str, Any], *_: Any) -> Iterable[Problem]:
    message = f"{subject(pointer)} is not allowed here"
    yield Problem(id="unknown-key", message=message, hint=_hint(holder) or "remove it", pointer=pointer, at_key=True)


def _branches(error: Error, pointer: Pointer, holder: dict[str, Any], schema: Any, value: Any) -> Iterable[Problem]:
    """Explain the one branch that was meant: by the discriminator first, then the one that fits furthest."""
    branches: list[list[Error]] = [branch for branch in error.kind.value if branch]
    typed = [branch for branch in branches if not _type_differs(branch, pointer)]
    if not typed:
        yield _no_type(error, pointer, branches, holder)
        return
    meant = [branch for branch in typed if not any(_discriminates(inner, pointer) for inner in branch)]
    if not meant:
        meant, problem = typed, _wrong_discriminator(typed, pointer, schema)
        if problem:
            yield problem
            return
    best = min(meant, key=_misfit)
    for inner in best:
        yield from _explained(inner, schema, value)


def _type_differs(branch: list[Error], pointer: Pointer) -> bool:
    return any(inner.kind.name == "type" and tuple(inner.instance_path) == pointer for inner in branch)


def _no_type(error: Error, pointer: Pointer, branches: list[list[Error]], holder: dict[str, Any]) -> Problem:
    wanted: list[str] = []
    for branch in branches:
        for inner in branch:
            if inner.kind.name == "type" and tuple(inner.instance_path) == pointer:
                wanted += [name for name in inner.kind.value if name not in wanted]
    got = type_of(error.instance) if isinstance(error.instance, dict | list) else shown(error.instance)
    message = f"{subject(pointer)} must be {types(wanted)}, not {got}"
    return Problem(id="wrong-type", message=message, hint=_hint(holder), pointer=pointer)


def _discriminates(error: Error, pointer: Pointer) -> bool:
    """Return whether a key directly in the value (or the value itself) says that another branch was meant."""
    return error.kind.name in _DISCRIMINATORS and len(error.instance_path) <= len(pointer) + 1


def _wrong_discriminator(branches: list[list[Error]], pointer: Pointer, schema: Any) -> Problem | None:
    """Return the problem of a discriminator that names no branch, when all of them look at the same key."""
    told = [next(inner for inner in branch if _discriminates(inner, pointer)) for branch in branches]
    if len({tuple(inner.instance_path) for inner in told}) != 1:
        return None
    options: list[Any] = []
    for inner in told:
        options += inner.kind.value if inner.kind.name == "enum" else [inner.kind.value]
    return _not_among(tuple(told[0].instance_path), told[0].instance, options, _holder(told[0], schema))


def _misfit(branch: list[Error]) -> tuple[int, int]:
    deepest = max(len(inner.instance_path) for inner in branch)
    return -deepest, len(branch)


def _several(_error: Error, pointer: Pointer, holder: dict[str, Any], *_: Any) -> Iterable[Problem]:
    message = f"{subject(pointer)} fits more than one of the forms that exclude each other"
    yield Problem(
        id="wrong-value",
        message=message,
        hint=_hint(holder) or "leave out what belongs to the other form",
        pointer=pointer,
    )


def _not(_error: Error, pointer: Pointer, holder: dict[str, Any], *_: Any) -> Iterable[Problem]:
    message = f"{subject(pointer)} has a form that is not allowed"
    yield Problem(id="wrong-value", message=message, hint=_hint(holder), pointer=pointer)


def _one_of(error: Error, *rest: Any) -> Iterable[Problem]:
    several = any(not branch for branch in error.kind.value)
    return _several(error, *rest) if several else _branches(error, *rest)


def near_misses(schema: Any, value: Any) -> list[Problem]:
    """Return the free keys that look like a known one misspelt, where a mapping takes any key."""
    return list(_misspelt(value, schema, schema, ()))


def _misspelt(value: Any, schema: Any, root: Any, pointer: Pointer) -> Iterator[Problem]:
    if isinstance(schema, dict) and str(schema.get("$ref", "")).startswith("#/"):
        schema = value_at(root, tuple(schema["$ref"][2:].split("/")))
    if not isinstance(schema, dict):
        return
    for number, item in enumerate(value) if isinstance(value, list) else ():
        yield from _misspelt(item, schema.get("items"), root, (*pointer, number))
    known, free = schema.get("properties", {}), schema.get("additionalProperties", True)
    for key, child in value.items() if isinstance(value, dict) else ():
        if key in known or isinstance(free, dict):
            yield from _misspelt(child, known.get(key, free), root, (*pointer, key))
        elif free is True and known:
            near = nearest(key, [name for name in known if name not in value], cutoff=0.85)
            if near:
                yield _near_miss(key, near, pointer)


def _near_miss(key: str, near: str, pointer: Pointer) -> Problem:
    return Problem(
        id="misspelt-key",
        message=f"`{key}` is not read, did you mean `{near}`?",
        hint=f"rename it to `{near}`",
        pointer=(*pointer, key),
        at_key=True,
        severity=Severity.WARNING,
    )


_EXPLAIN: dict[str, Callable[..., Iterable[Problem]]] = {
    "type": _type,
    "required": _required,
    "additionalProperties": _unknown_keys,
    "unevaluatedProperties": _unknown_keys,
    "enum": _choice,
    "const": _choice,
    **dict.fromkeys(_BOUNDS, _bound),
    **dict.fromkeys(_SIZES, _size),
    "pattern": _pattern,
    "format": _format,
    "uniqueItems": _unique,
    "propertyNames": _property_name,
    "falseSchema": _never,
    "anyOf": _branches,
    "oneOf": _one_of,
    "not": _not,
}
