"""Rules for the fields of an agent's answers (guide 3, Schema Design): names, types, constraints, defaults."""

from __future__ import annotations

import ast
import keyword
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from agentctl.documents.model import Pointer
from agentctl.documents.words import nearest, shown
from agentctl.results import Severity
from agentctl.validation.rules import Break, entries, number, rule

TYPES = (
    "str", "int", "float", "bool", "dict", "list", "list[str]", "list[int]", "list[float]", "list[bool]", "list[dict]",
    "dict[str, str]", "dict[str, int]", "dict[str, float]", "dict[str, bool]", "dict[str, Any]",
    "datetime", "date", "Any",
)  # fmt: skip
_SNAKE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_VAGUE = frozenset(
    {"score", "data", "value", "info", "result", "item", "thing", "stuff", "temp", "tmp", "foo", "misc", "obj"}
)
_SHORT = {
    "sys": "system", "resp": "response", "msg": "message", "usr": "user", "cfg": "config", "desc": "description",
    "val": "value", "num": "number", "cnt": "count", "amt": "amount", "addr": "address", "req": "request",
    "res": "result", "evt": "event", "ts": "timestamp", "qty": "quantity", "avg": "average", "idx": "index",
    "btn": "button", "pwd": "password", "pct": "percent",
    "attr": "attribute", "calc": "calculated", "prev": "previous", "curr": "current", "txt": "text", "ctx": "context",
}  # fmt: skip
_LONGEST = 10_000  # characters of a type
_ORDER = frozenset({"ge", "gt", "le", "lt", "multiple_of"})
_LENGTH = frozenset({"min_length", "max_length"})
_TEXT = frozenset({"pattern", "regex"})


@rule("field-name", "agent")
def field_name(agent: Any) -> Iterator[Break]:
    """A field's name is snake_case, no keyword and no dunder.

    Fields become attributes of the class that is made from them: a keyword or `__init__` cannot be one, and a second
    style in the same answer breaks its consumers (guide 3, Field Naming Conventions).

    Rename it, such as `InterviewStage` to `interview_stage`.
    """
    for pointer, field in entries(agent, "schema_config", "fields"):
        name = field.get("field_name")
        reason = _why_no_name(name) if isinstance(name, str) else None
        if reason:
            hint = f"rename it to `{_snake(str(name))}`"
            yield Break((*pointer, "field_name"), f"field name {shown(name)} {reason}", hint)


def _why_no_name(name: str) -> str | None:
    if name.startswith("__") and name.endswith("__"):
        return "is reserved by Python (double underscores)"
    if keyword.iskeyword(name):
        return "is a keyword of Python"
    return None if _SNAKE.fullmatch(name) else "is not snake_case"


def _snake(name: str) -> str:
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    words = re.sub(r"[^A-Za-z0-9]+", "_", words).strip("_").lower() or "field"
    words = f"field_{words}" if words[0].isdigit() else words
    return f"{words}_value" if keyword.iskeyword(words) else words


@rule("field-name-vague", "agent", severity=Severity.ADVICE)
def field_name_vague(agent: Any) -> Iterator[Break]:
    """A field's name says what it holds, in whole words.

    `score` of what? `sys_resp` is read by a model, and by people who were not there when it was cut short (guide 3,
    Field Naming Conventions).

    Say what it is: `credibility_score`, `system_response`.
    """
    for pointer, field in entries(agent, "schema_config", "fields"):
        name = field.get("field_name")
        if not isinstance(name, str) or not _SNAKE.fullmatch(name):
            continue
        place = (*pointer, "field_name")
        words = name.split("_")
        cut = [word for word in words if word in _SHORT]
        if name in _VAGUE:
            yield Break(place, f"field name {shown(name)} is vague", f"say what it is, such as `credibility_{name}`")
        elif cut:
            whole = "_".join(_SHORT.get(word, word) for word in words)
            yield Break(place, f"field name {shown(name)} is abbreviated", f"write `{whole}`")


@rule("field-name-twice", "agent")
def field_name_twice(agent: Any) -> Iterator[Break]:
    """No two fields have the same name.

    The class that is made of them has one attribute of a name: the later field silently replaces the earlier.

    Rename one of them, or remove it.
    """
    seen: set[str] = set()
    for pointer, field in entries(agent, "schema_config", "fields"):
        name = field.get("field_name")
        if isinstance(name, str) and name in seen:
            yield Break((*pointer, "field_name"), f"field name {shown(name)} is taken by an earlier field")
        elif isinstance(name, str):
            seen.add(name)


@rule("field-type", "agent")
def field_type(agent: Any) -> Iterator[Break]:
    """A field's type is one that schemas can be made of.

    The type's text becomes a Python type when the agent starts. Anything but the known ones fails there, or, where it
    is evaluated, runs as code (guide 3, Configuration Validation).

    Use str, int, float, bool, dict, a list or dict of these, or `Literal['a', 'b']`.
    """
    for pointer, field in entries(agent, "schema_config", "fields"):
        name = field.get("field_type")
        if isinstance(name, str) and base_type(name) is None:
            near = nearest(alias(name), TYPES)
            message = f"unknown field type {shown(name)}" + (f", did you mean `{near}`?" if near else "")
            hint = (
                f"write `{near}`" if near else "use str, int, float, bool, dict, a list of these, or Literal['a', 'b']"
            )
            yield Break((*pointer, "field_type"), message, hint)


def alias(name: str) -> str:
    """Return the Python type that other languages' name for it means, or the name as it is."""
    names = {"string": "str", "text": "str", "integer": "int", "number": "float", "double": "float", "boolean": "bool",
             "array": "list", "object": "dict", "map": "dict", "json": "dict"}  # fmt: skip
    return names.get(name.lower(), name)


def base_type(name: str) -> str | None:
    """Return what a field type is at the bottom (``list`` for ``list[str]``), or None for an unknown one."""
    text = re.sub(r"\s+", "", name)
    optional = re.fullmatch(r"Optional\[(.+)\]|(.+)\|None", text)
    if optional:
        text = optional[1] or optional[2]
    if literal_options(text) is not None:
        return "Literal"
    known = {re.sub(r"\s+", "", one): one for one in TYPES}
    return known[text].partition("[")[0] if text in known else None


def literal_options(name: str) -> list[Any] | None:
    """Return the choices of ``Literal['a', 'b']``, or None when it is none; nothing is evaluated."""
    match = re.fullmatch(r"Literal\[(.+)\]", name.strip(), re.DOTALL)
    try:
        options = list(ast.literal_eval(f"({match[1]},)")) if match and len(name) < _LONGEST else []
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
    return options if options and all(isinstance(one, str | int | bool) for one in options) else None


@rule("field-constraint", "agent")
def field_constraint(agent: Any) -> Iterator[Break]:
    """Constraints fit the field's type and each other.

    `min_length` on an integer is refused or ignored, and bounds that exclude each other refuse every answer (guide
    3, Type Safety).

    Use ge, gt, le and lt for numbers, min_length and max_length for texts and lists, pattern for texts; keep the
    lower bound below the upper.
    """
    for pointer, field in entries(agent, "schema_config", "fields"):
        bounds, kind = field.get("constraints"), base_type(str(field.get("field_type")))
        if isinstance(bounds, dict):
            place = (*pointer, "constraints")
            yield from _misplaced(bounds, kind, str(field.get("field_type")), place)
            yield from _contradicting(bounds, place)
            yield from _no_pattern(bounds, place)


def _misplaced(bounds: Mapping[str, Any], kind: str | None, name: str, place: Pointer) -> Iterator[Break]:
    fitting = {
        "str": _LENGTH | _TEXT, "list": _LENGTH, "dict": _LENGTH, "int": _ORDER, "float": _ORDER,
        "datetime": _ORDER, "date": _ORDER, "bool": frozenset(), "Literal": frozenset(),
    }.get(kind or "")  # fmt: skip
    for key in bounds.keys() & (_ORDER | _LENGTH | _TEXT) if fitting is not None else ():
        if fitting is not None and key not in fitting:
            wanted = f"use {', '.join(sorted(fitting))}" if fitting else "remove it"
            yield Break((*place, key), f"`{key}` does not fit the type {name}", wanted, at_key=True)


def _contradicting(bounds: Mapping[str, Any], place: Pointer) -> Iterator[Break]:
    for lower, upper, strict in (
        ("ge", "le", False), ("gt", "lt", True), ("ge", "lt", True), ("gt", "le", True),
        ("min_length", "max_length", False),
    ):  # fmt: skip
        least, most = number(bounds.get(lower)), number(bounds.get(upper))
        if least is not None and most is not None and (least > most or (strict and least >= most)):
            message = f"`{lower}` {shown(least)} and `{upper}` {shown(most)} leave no value"
            yield Break((*place, lower), message, f"keep `{lower}` below `{upper}`")


def _no_pattern(bounds: Mapping[str, Any], place: Pointer) -> Iterator[Break]:
    for key in _TEXT & bounds.keys():
        try:
            re.compile(str(bounds[key]))
        except (re.error, OverflowError, RecursionError) as error:
            yield Break((*place, key), f"`{key}` is no regular expression: {error}", "mend the expression")


@rule("field-default", "agent")
def field_default(agent: Any) -> Iterator[Break]:
    """A default fits the field's type and constraints.

    Defaults are not checked when the class is made: a wrong one reaches the consumers as if the model had said it
    (guide 3, Schema Evolution and Type Safety).

    Give a default that an answer could have, or none.
    """
    for pointer, field in entries(agent, "schema_config", "fields"):
        if field.get("default") is None:
            continue
        reason = _why_not(field["default"], str(field.get("field_type")), field.get("constraints"))
        if reason:
            yield Break((*pointer, "default"), f"default {shown(field['default'])} {reason}", "give one that fits")


def _why_not(value: Any, name: str, bounds: Any) -> str | None:
    options = literal_options(name)
    if options is not None:
        return None if value in options else f"is not among {', '.join(map(shown, options))}"
    kind = base_type(name)
    classes: dict[str, Any] = {"str": str, "int": int, "float": int | float, "bool": bool, "list": list, "dict": dict}
    wanted = classes.get(kind or "")
    if wanted is not None and (not isinstance(value, wanted) or (isinstance(value, bool) and kind != "bool")):
        return f"is not of the type {name}"
    sound = isinstance(bounds, dict) and not any(_contradicting(bounds, ()))  # else the bounds are to blame
    return _out_of_bounds(value, bounds) if sound else None


def _out_of_bounds(value: Any, bounds: Mapping[str, Any]) -> str | None:
    amount = number(value)
    size = len(value) if isinstance(value, str | list | dict) else None
    tests: tuple[tuple[str, float | None, Callable[[float, float], bool]], ...] = (
        ("ge", amount, operator.ge), ("gt", amount, operator.gt),
        ("le", amount, operator.le), ("lt", amount, operator.lt),
        ("min_length", size, operator.ge), ("max_length", size, operator.le),
    )  # fmt: skip
    for key, measured, holds in tests:
        bound = number(bounds.get(key))
        if bound is not None and measured is not None and not holds(measured, bound):
            return f"breaks its own constraint `{key}: {bound}`"
    return None


@rule("field-required-default", "agent", severity=Severity.ADVICE)
def field_required_default(agent: Any) -> Iterator[Break]:
    """A required field has no default.

    Either the model must give the field, or the default may stand in for it: with both, readers cannot tell which holds
    (guide 3, Schema Evolution).

    Remove the default, or write `required: false`.
    """
    for pointer, field in entries(agent, "schema_config", "fields"):
        if field.get("required") is True and field.get("default") is not None:
            yield Break(
                (*pointer, "default"), f"required field {shown(field.get('field_name'))} has a default", at_key=True
            )
