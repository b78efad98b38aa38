"""Say in words of the domain why a value does not fit its schema: one problem for each cause."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from agentctl.documents.failure import Failure
from agentctl.documents.model import Pointer, Problem, value_at
from agentctl.documents.words import either, nearest, shown, subject, type_of, types
from agentctl.results import Severity

_MANY = 12  # choices that a hint still lists
_HINT = 240  # characters of a description that are a hint
_BOOLEANS = {
    **dict.fromkeys(("yes", "on", "y", "true"), "true"),
    **dict.fromkeys(("no", "off", "n", "false"), "false"),
}
_NUMBER = r"-?\d+(\.\d+)?"
_DISCRIMINATORS = frozenset({"const", "enum"})


def problems(failures: Sequence[Failure]) -> list[Problem]:
    """Return what the engine found as problems, without those that only follow from another."""
    found = [problem for failure in failures for problem in _explained(failure)]
    misspelt = {(problem.pointer[:-1], _meant(problem)) for problem in found if problem.id == "unknown-key"}
    kept: dict[tuple[Pointer, str], Problem] = {}
    for problem in found:
        if problem.id == "missing-key" and (problem.pointer, _meant(problem)) in misspelt:
            continue
        kept.setdefault((problem.pointer, problem.message), problem)
    return list(kept.values())


def _meant(problem: Problem) -> str | None:
    return problem.message.rpartition("`")[0].rpartition("`")[2] if problem.message.count("`") > 1 else None


def _explained(failure: Failure) -> Iterable[Problem]:
    explain = _EXPLAIN.get(failure.keyword)
    if explain is not None:
        return explain(failure)
    message = f"{subject(failure.pointer)}: {failure.message}"
    return [Problem(id="wrong-value", message=message, pointer=failure.pointer)]


def _hint(holder: Mapping[str, Any]) -> str | None:
    text = holder.get("x-hint") or holder.get("description")
    return _brief(text) if isinstance(text, str) else None


def _brief(text: str) -> str:
    """Return the first sentences of a description: those of public schemas hold whole pages of a manual."""
    first = " ".join(text.strip().partition("\n\n")[0].split())
    if len(first) <= _HINT:
        return first
    sentences = first[:_HINT].rpartition(". ")[0]
    return f"{sentences}." if sentences else f"{first[:_HINT].rpartition(' ')[0] or first[:_HINT]} …"


def _type(failure: Failure) -> Iterable[Problem]:
    value = failure.instance
    got = type_of(value) if isinstance(value, dict | list) or value is None else f"{_noun(value)} {shown(value)}"
    message = f"{subject(failure.pointer)} must be {types(failure.wanted)}, not {got}"
    yield Problem(
        id="wrong-type",
        message=message,
        hint=_unquoted(value, failure.wanted) or _hint(failure.holder),
        pointer=failure.pointer,
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


def _required(failure: Failure) -> Iterable[Problem]:
    for name in failure.wanted:
        about = _hint(_property(failure.holder, name))
        hint = f"add `{name}`: {about[:1].lower()}{about[1:]}" if about else f"add `{name}`"
        message = f"{subject(failure.pointer)} lacks `{name}`"
        yield Problem(id="missing-key", message=message, hint=hint, pointer=failure.pointer, at_key=True)


def _dependent(failure: Failure) -> Iterable[Problem]:
    """Say which keys a key needs beside it."""
    for name, needed in failure.wanted.items():
        lacking = [one for one in needed if one not in failure.instance] if isinstance(needed, list) else []
        for one in lacking if name in failure.instance else ():
            message = f"`{name}` needs `{one}` beside it"
            yield Problem(
                id="missing-key",
                message=message,
                hint=f"add `{one}`, or remove `{name}`",
                pointer=(*failure.pointer, name),
                at_key=True,
            )


def _property(holder: Mapping[str, Any], name: str) -> dict[str, Any]:
    properties = holder.get("properties")
    found = properties.get(name) if isinstance(properties, dict) else None
    return found if isinstance(found, dict) else {}


def _unknown_keys(failure: Failure) -> Iterable[Problem]:
    properties = failure.holder.get("properties")
    known = list(properties) if isinstance(properties, dict) else []
    present = failure.instance if isinstance(failure.instance, dict) else {}
    for name in failure.wanted:
        message = f"{subject(failure.pointer)} has no key `{name}`" if failure.pointer else f"unknown key `{name}`"
        hint = f"known keys are {', '.join(known)}" if 0 < len(known) <= _MANY else "remove it"
        near = nearest(name, [key for key in known if key not in present]) or nearest(name, known)
        if near and near in present:
            message, hint = f"{message}; `{near}` is there already", "remove one of the two"
        elif near:
            message, hint = f"{message}, did you mean `{near}`?", f"rename it to `{near}`"
        yield Problem(id="unknown-key", message=message, hint=hint, pointer=(*failure.pointer, name), at_key=True)


def _choice(failure: Failure) -> Iterable[Problem]:
    value = failure.wanted
    yield _not_among(failure.pointer, failure.instance, value if failure.keyword == "enum" else [value])


def _not_among(pointer: Pointer, got: Any, options: Sequence[Any]) -> Problem:
    near = nearest(got, options)
    name = next((part for part in reversed(pointer) if isinstance(part, str)), "value")
    message = f"unknown {name} {shown(got)}" + (f", did you mean {shown(near)}?" if near else "")
    listed = either([shown(option) for option in options[:_MANY]]) + (" and others" if len(options) > _MANY else "")
    mend = f"write {shown(near)}" if near else f"use {listed}"
    return Problem(id="unknown-value", message=message, hint=mend, pointer=pointer)


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


def _bound(failure: Failure) -> Iterable[Problem]:
    wanted = _BOUNDS[failure.keyword].format(failure.wanted)
    message = f"{subject(failure.pointer)} {wanted}, not {shown(failure.instance)}"
    yield Problem(id="out-of-range", message=message, hint=_hint(failure.holder), pointer=failure.pointer)


def _size(failure: Failure) -> Iterable[Problem]:
    limit = failure.wanted
    wanted = _SIZES[failure.keyword].format(limit).replace("(s)", "" if limit == 1 else "s")
    empty = failure.keyword.startswith("min") and limit == 1
    message = f"{subject(failure.pointer)} is empty" if empty else f"{subject(failure.pointer)} {wanted}"
    yield Problem(id="out-of-range", message=message, hint=_hint(failure.holder), pointer=failure.pointer)


def _pattern(failure: Failure) -> Iterable[Problem]:
    message = f"{subject(failure.pointer)} is {shown(failure.instance)}, which has not the form that is wanted"
    hint = _hint(failure.holder) or f"it must match {failure.wanted}"
    yield Problem(id="wrong-format", message=message, hint=hint, pointer=failure.pointer)


def _format(failure: Failure) -> Iterable[Problem]:
    message = f"{subject(failure.pointer)} is {shown(failure.instance)}, which is no {failure.wanted}"
    yield Problem(id="wrong-format", message=message, hint=_hint(failure.holder), pointer=failure.pointer)


def _unique(failure: Failure) -> Iterable[Problem]:
    message = f"{subject(failure.pointer)} names the same item twice"
    yield Problem(
        id="wrong-value", message=message, hint=_hint(failure.holder) or "remove one of them", pointer=failure.pointer
    )


def _property_name(failure: Failure) -> Iterable[Problem]:
    name = str(failure.wanted)
    names = failure.holder.get("propertyNames")
    hint = _hint(names if isinstance(names, dict) else failure.holder)
    message = f"{subject(failure.pointer)} may not have a key like `{name}`"
    yield Problem(id="unknown-key", message=message, hint=hint, pointer=(*failure.pointer, name), at_key=True)


def _never(failure: Failure) -> Iterable[Problem]:
    message = f"{subject(failure.pointer)} is not allowed here"
    yield Problem(
        id="unknown-key",
        message=message,
        hint=_hint(failure.holder) or "remove it",
        pointer=failure.pointer,
        at_key=True,
    )


def _branches(failure: Failure) -> Iterable[Problem]:
    """Explain the one branch that was meant: by the discriminator first, then the one that fits furthest."""
    typed = [branch for branch in failure.branches if not _type_differs(branch, failure.pointer)]
    if not typed:
        yield _no_type(failure)
        return
    meant = [branch for branch in typed if not any(_discriminates(inner, failure.pointer) for inner in branch)]
    if not meant:
        meant, problem = typed, _wrong_discriminator(typed, failure.pointer)
        if problem:
            yield problem
            return
    best = min(meant, key=_misfit)
    for inner in best:
        yield from _explained(inner)


def _type_differs(branch: Sequence[Failure], pointer: Pointer) -> bool:
    return any(inner.keyword == "type" and inner.pointer == pointer for inner in branch)


def _no_type(failure: Failure) -> Problem:
    wanted: list[str] = []
    for branch in failure.branches:
        for inner in branch:
            if inner.keyword == "type" and inner.pointer == failure.pointer:
                wanted += [name for name in inner.wanted if name not in wanted]
    got = type_of(failure.instance) if isinstance(failure.instance, dict | list) else shown(failure.instance)
    message = f"{subject(failure.pointer)} must be {types(wanted)}, not {got}"
    return Problem(id="wrong-type", message=message, hint=_hint(failure.holder), pointer=failure.pointer)


def _discriminates(failure: Failure, pointer: Pointer) -> bool:
    """Return whether a key directly in the value (or the value itself) says that another branch was meant."""
    return failure.keyword in _DISCRIMINATORS and len(failure.pointer) <= len(pointer) + 1


def _wrong_discriminator(branches: Sequence[Sequence[Failure]], pointer: Pointer) -> Problem | None:
    """Return the problem of a discriminator that names no branch, when all of them look at the same key."""
    told = [next(inner for inner in branch if _discriminates(inner, pointer)) for branch in branches]
    if len({inner.pointer for inner in told}) != 1:
        return None
    options: list[Any] = []
    for inner in told:
        options += inner.wanted if inner.keyword == "enum" else [inner.wanted]
    return _not_among(told[0].pointer, told[0].instance, options)


def _misfit(branch: Sequence[Failure]) -> tuple[int, int]:
    deepest = max(len(inner.pointer) for inner in branch)
    return -deepest, len(branch)


def _several(failure: Failure) -> Iterable[Problem]:
    message = f"{subject(failure.pointer)} fits more than one of the forms that exclude each other"
    yield Problem(
        id="wrong-value",
        message=message,
        hint=_hint(failure.holder) or "leave out what belongs to the other form",
        pointer=failure.pointer,
    )


def _not(failure: Failure) -> Iterable[Problem]:
    message = f"{subject(failure.pointer)} has a form that is not allowed"
    yield Problem(id="wrong-value", message=message, hint=_hint(failure.holder), pointer=failure.pointer)


def _one_of(failure: Failure) -> Iterable[Problem]:
    return _branches(failure) if failure.branches else _several(failure)


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
    "false": _never,
    "dependentRequired": _dependent,
    "dependencies": _dependent,
    "anyOf": _branches,
    "oneOf": _one_of,
    "not": _not,
}
