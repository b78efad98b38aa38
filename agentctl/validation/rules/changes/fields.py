"""What breaks the consumers of an agent's answers when its fields change (guide 3, Schema Evolution).

Each rule takes a ``Change``.  Consumers read answers, and hold stored answers against the schema: a change breaks them
when an answer may lack what they read, or hold what they cannot take, or when a stored answer no longer fits.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from agentctl.documents.model import Pointer
from agentctl.documents.words import shown
from agentctl.results import Severity
from agentctl.validation.changes.model import BREAKING, CHANGE, FIELDS, Change, Pair
from agentctl.validation.rules import Break, number, rule
from agentctl.validation.rules.agent.fields import literal_options

_OPTIONAL = re.compile(r"Optional\[(.+)\]|(.+)\|None|None\|(.+)")
_SAME = {"dict[str,Any]": "dict", "list[Any]": "list"}
_Bound = tuple[float, bool]  # the value, and whether it is itself left out


@rule("change-field-removed", BREAKING)
def field_removed(change: Change) -> Iterator[Break]:
    """Fields of an answer stay.

    Whoever reads the field reads nothing from one day to the next (guide 3, Schema Evolution).

    Put it back, if need be as an optional field; or make a new major version with a new id, beside the old one.
    """
    for name in change.removed:
        yield Break(_holder(change), f"field `{name}` of {change.base} is gone", at_key=True)


@rule("change-field-renamed", BREAKING)
def field_renamed(change: Change) -> Iterator[Break]:
    """Fields of an answer keep their names.

    To those who read it, a field under another name is gone (guide 3, Schema Evolution).

    Keep the old name; or give both for a while; or make a new major version with a new id.
    """
    for name, pair in change.renamed.items():
        yield Break((*pair.pointer, "field_name"), f"`{pair.name}` was `{name}` in {change.base}")


@rule("change-field-required", BREAKING)
def field_required(change: Change) -> Iterator[Break]:
    """No field becomes required.

    Answers that were stored before lack it, and no longer fit the schema (guide 3, Schema Evolution: adding required
    fields is unsafe). A field is required unless it says `required: false`.

    Make it optional, with a default; or make a new major version with a new id.
    """
    for name, (pointer, field) in change.added.items():
        if _required(field):
            yield Break(_at(pointer, field, "required"), f"field `{name}` is new since {change.base}, and required")
    for pair in change.pairs:
        if _required(pair.new) and not _required(pair.old):
            place = _at(pair.pointer, pair.new, "required")
            yield Break(place, f"field `{pair.name}` was optional in {change.base}, and is required")


@rule("change-field-optional", BREAKING)
def field_optional(change: Change) -> Iterator[Break]:
    """A field that every answer had is still in every answer.

    Who reads it never had to ask whether it is there. With a default it still is: then the change is compatible.

    Give it a default, or leave it required; or make a new major version with a new id.
    """
    for pair in change.pairs:
        if _required(pair.old) and not _required(pair.new) and pair.new.get("default") is None:
            place = _at(pair.pointer, pair.new, "required")
            yield Break(place, f"field `{pair.name}` was required in {change.base}, and may be missing now")


@rule("change-field-type", BREAKING)
def field_type_changed(change: Change) -> Iterator[Break]:
    """A field keeps its type.

    A narrower type refuses stored answers, a wider one hands readers what they cannot take: a float where an integer
    was, null where a text was. `Optional[str]` and `str | None`, and other spellings of one type, are the same.

    Add a new field of the new type and keep the old; or make a new major version with a new id.
    """
    for pair in change.pairs:
        if not _same_type(pair):
            was, now = pair.old.get("field_type"), pair.new.get("field_type")
            message = f"field `{pair.name}` was {shown(was)} in {change.base}, and is {shown(now)}"
            yield Break(_at(pair.pointer, pair.new, "field_type"), message)


@rule("change-field-values", BREAKING)
def field_values_removed(change: Change) -> Iterator[Break]:
    """A choice of a Literal stays.

    Stored answers hold it and no longer fit, and readers wait for a value that never comes.

    Put it back, even if the prompt no longer asks for it; or make a new major version with a new id.
    """
    for pair in change.pairs:
        gone, _ = _values(pair)
        if gone:
            message = f"field `{pair.name}` no longer allows {', '.join(map(shown, gone))}, as {change.base} did"
            yield Break((*pair.pointer, "field_type"), message)


@rule("change-field-values-added", CHANGE, severity=Severity.ADVICE)
def field_values_added(change: Change) -> Iterator[Break]:
    """Readers are ready for a new choice of a Literal.

    A new value refuses no stored answer, so that it is a compatible change (a new minor version). But it reaches
    readers who handle each value that they know: a dangerous change, in the words of GraphQL's tools.

    Make sure that readers handle values that they do not know, before the model gives this one.
    """
    for pair in change.pairs:
        gone, new = _values(pair)
        if new and not gone:
            message = f"field `{pair.name}` allows {', '.join(map(shown, new))}, which {change.base} did not"
            yield Break((*pair.pointer, "field_type"), message, "readers must be ready for it")


@rule("change-field-constraint", BREAKING)
def field_constraint_narrowed(change: Change) -> Iterator[Break]:
    """Constraints of a field do not become narrower.

    Stored answers that were within the old bounds no longer fit. Whether a pattern is narrower than another cannot be
    told, so that a new or another pattern counts as one.

    Keep the old bounds (wider ones are compatible); or make a new major version with a new id.
    """
    for pair in change.pairs:
        if _same_type(pair):
            for key, was in _narrowed(_bounds(pair.old), _bounds(pair.new), whole=_is_whole(pair.new)):
                now = f"`{key}: {shown(_bounds(pair.new)[key])}`"
                message = f"field `{pair.name}` is narrower: {now}, where {change.base} had {was}"
                yield Break((*pair.pointer, "constraints", key), message)


@rule("change-field-default", BREAKING)
def field_default_removed(change: Change) -> Iterator[Break]:
    """The default of an optional field stays.

    With it the field was in every answer; without it readers get nothing where a value was. Another default is
    compatible.

    Put the default back; or make a new major version with a new id.
    """
    for pair in change.pairs:
        had, has = pair.old.get("default") is not None, pair.new.get("default") is not None
        if had and not has and not _required(pair.old) and not _required(pair.new):
            message = f"field `{pair.name}` has lost its default, {shown(pair.old['default'])} in {change.base}"
            yield Break((*pair.pointer, "field_name"), message)


@rule("change-field-hidden", BREAKING)
def field_hidden(change: Change) -> Iterator[Break]:
    """A field that was sent is not hidden.

    Hidden fields never leave the server: to those who read it, the field is gone.

    Leave it visible; or make a new major version with a new id.
    """
    for pair in change.pairs:
        if _meta(pair.new, "hidden") and not _meta(pair.old, "hidden"):
            place = (*pair.pointer, "metadata", "hidden")
            yield Break(place, f"field `{pair.name}` was sent in {change.base}, and is hidden")


@rule("change-field-exposed", CHANGE, severity=Severity.WARNING)
def field_exposed(change: Change) -> Iterator[Break]:
    """A hidden field is not shown by accident.

    It breaks nobody, but what was never meant to leave the server is sent to everybody.

    Make sure that nothing internal is in it, or hide it again.
    """
    for pair in change.pairs:
        if _meta(pair.old, "hidden") and not _meta(pair.new, "hidden"):
            place = _at(pair.pointer, pair.new, "metadata")
            yield Break(place, f"field `{pair.name}` was hidden in {change.base}, and is sent now", "hide it again")


@rule("change-field-category", BREAKING)
def field_category_changed(change: Change) -> Iterator[Break]:
    """A field stays in its category.

    The category says who gets the field: `output` goes to the user, `control` steers other parts, `internal` stays
    inside. In another one it reaches others than before. A field without a category counts as output.

    Put it back into its category; or make a new major version with a new id.
    """
    for pair in change.pairs:
        was, now = _meta(pair.old, "category") or "output", _meta(pair.new, "category") or "output"
        if was != now and not _newly_hidden(pair) and not (was == "internal" and _meta(pair.old, "hidden")):
            place = _at(pair.pointer, pair.new, "metadata")
            place = (*place, "category") if _meta(pair.new, "category") else place
            yield Break(place, f"field `{pair.name}` was {was} in {change.base}, and is {now}")


@rule("change-field-speech", BREAKING)
def field_speech_changed(change: Change) -> Iterator[Break]:
    """A field stays where it is heard or read.

    `use_in_tts` sends a field to the speech output only: turned on, it is taken from those who read it; turned off,
    from the voice.

    Put it back, and add another field for the other channel; or make a new major version with a new id.
    """
    for pair in change.pairs:
        was, now = bool(_meta(pair.old, "use_in_tts")), bool(_meta(pair.new, "use_in_tts"))
        if was != now and not _newly_hidden(pair):
            place = _at(pair.pointer, pair.new, "metadata")
            place = (*place, "use_in_tts") if "use_in_tts" in _metadata(pair.new) else place
            sides = ("read", "spoken")
            yield Break(place, f"field `{pair.name}` was {sides[was]} in {change.base}, and is {sides[now]}")


def _holder(change: Change) -> Pointer:
    """Return the nearest thing around the fields that is still there."""
    schema = change.new.get("schema_config")
    if not isinstance(schema, dict):
        return ()
    return FIELDS if "fields" in schema else FIELDS[:1]


def _at(pointer: Pointer, field: Mapping[str, Any], key: str) -> Pointer:
    return (*pointer, key if key in field else "field_name")


def _required(field: Mapping[str, Any]) -> bool:
    return field.get("required") is not False


def _metadata(field: Mapping[str, Any]) -> Mapping[str, Any]:
    found = field.get("metadata")
    return found if isinstance(found, dict) else {}


def _meta(field: Mapping[str, Any], key: str) -> Any:
    return _metadata(field).get(key)


def _newly_hidden(pair: Pair) -> bool:
    return bool(_meta(pair.new, "hidden")) and not _meta(pair.old, "hidden")


def _shape(name: Any) -> tuple[bool, str | frozenset[tuple[type, Any]]]:
    """Return whether a type takes null, and what it is beside that, whatever its spelling."""
    text = str(name).strip()
    squeezed = re.sub(r"\s+", "", text) if literal_options(text) is None else text
    found = _OPTIONAL.fullmatch(squeezed)
    inner = next(part for part in found.groups() if part) if found else text
    options = literal_options(inner)
    if options is not None:
        return bool(found), frozenset((type(one), one) for one in options)
    inner = re.sub(r"\s+", "", inner)
    return bool(found), _SAME.get(inner, inner)


def _same_type(pair: Pair) -> bool:
    (was_null, was), (is_null, now) = _shape(pair.old.get("field_type")), _shape(pair.new.get("field_type"))
    both_literal = isinstance(was, frozenset) and isinstance(now, frozenset)
    return was_null == is_null and (both_literal or was == now)


def _values(pair: Pair) -> tuple[list[Any], list[Any]]:
    """Return the choices that are gone and those that are new, where both are Literals."""
    _, was = _shape(pair.old.get("field_type"))
    _, now = _shape(pair.new.get("field_type"))
    if not (isinstance(was, frozenset) and isinstance(now, frozenset) and _same_type(pair)):
        return [], []
    return sorted((one for _, one in was - now), key=str), sorted((one for _, one in now - was), key=str)


def _bounds(field: Mapping[str, Any]) -> Mapping[str, Any]:
    found = field.get("constraints")
    return found if isinstance(found, dict) else {}


def _is_whole(field: Mapping[str, Any]) -> bool:
    return _shape(field.get("field_type"))[1] == "int"


def _narrowed(old: Mapping[str, Any], new: Mapping[str, Any], *, whole: bool) -> Iterator[tuple[str, str]]:
    """Yield each constraint that refuses what the old ones took, and what stood in its place."""
    for keys, sign in ((("ge", "gt"), 1), (("le", "lt"), -1)):
        was, now = _limit(old, keys, sign, whole=whole), _limit(new, keys, sign, whole=whole)
        if now > was:
            yield _tightest(new, keys, sign, whole=whole), _told(old, keys)
    for key, sign in (("min_length", 1), ("max_length", -1)):
        if _limit(new, (key,), sign, whole=True) > max(_limit(old, (key,), sign, whole=True), _least_length(sign)):
            yield key, _told(old, (key,))
    step, steps = number(new.get("multiple_of")), number(old.get("multiple_of"))
    if step and not (steps and math.isclose(steps / step, round(steps / step), rel_tol=1e-12)):
        yield "multiple_of", _told(old, ("multiple_of",))
    known = [old.get("pattern"), old.get("regex")]
    for key in ("pattern", "regex"):
        if new.get(key) is not None and new[key] not in known:
            yield key, _told(old, ("pattern", "regex"))


def _least_length(sign: int) -> _Bound:
    return (0, False) if sign > 0 else (-math.inf, False)


def _limit(bounds: Mapping[str, Any], keys: tuple[str, ...], sign: int, *, whole: bool) -> _Bound:
    """Return the bound that holds, the higher the narrower; upper bounds with the sign turned."""
    return max((_one(bounds, key, sign, whole=whole) for key in keys), default=(-math.inf, False))


def _one(bounds: Mapping[str, Any], key: str, sign: int, *, whole: bool) -> _Bound:
    value = number(bounds.get(key))
    if value is None:
        return (-math.inf, False)
    turned, strict = sign * value, key in {"gt", "lt"}
    if not whole or not math.isfinite(turned):
        return (turned, strict)
    return (math.floor(turned) + 1, False) if strict else (math.ceil(turned), False)


def _tightest(bounds: Mapping[str, Any], keys: tuple[str, ...], sign: int, *, whole: bool) -> str:
    return max(keys, key=lambda key: _one(bounds, key, sign, whole=whole))


def _told(bounds: Mapping[str, Any], keys: tuple[str, ...]) -> str:
    given = [f"`{key}: {shown(bounds[key])}`" for key in keys if bounds.get(key) is not None]
    return " and ".join(given) or "none"
