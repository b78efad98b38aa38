"""Facts as plain values and back: for the cache and for what a child process hands over.

``marshal`` reads and writes them ten times as fast as ``pickle`` does the objects, and nothing is run on reading. A
resolved name becomes bytes, which no value of a program is here.
"""

from __future__ import annotations

import marshal
from collections.abc import Iterable, Iterator
from dataclasses import fields
from operator import attrgetter
from typing import Any

from agentctl.checklist.facts.model import (
    Call,
    Class,
    Function,
    Handler,
    Mention,
    Module,
    Parameter,
    Raise,
    Ref,
    Status,
)

_KINDS: dict[str, type] = {
    "calls": Call, "functions": Function, "classes": Class, "handlers": Handler, "raises": Raise, "statuses": Status,
    "compared": Mention, "mentions": Mention, "strings": Mention,
}  # fmt: skip
_NAMED = {
    Call: ("raw", "name", "args", "keywords"), Function: ("decorators",), Class: ("bases",), Handler: ("types",),
    Raise: ("name",), Status: (), Mention: ("name",), Parameter: ("mentions", "depends"),
}  # fmt: skip
_FIELDS = {kind: tuple(field.name for field in fields(kind)) for kind in (*_KINDS.values(), Parameter)}
_GET = {kind: attrgetter(*names) for kind, names in _FIELDS.items()}
_SEALED = {kind: [_FIELDS[kind].index(name) for name in names] for kind, names in _NAMED.items()}
_REST = [field.name for field in fields(Module) if field.name not in _KINDS]


def packed(module: Module) -> bytes:
    """Return a file's facts as bytes."""
    rest = [_sealed(getattr(module, name)) for name in _REST]
    return marshal.dumps((rest, [list(_rows(getattr(module, name), kind)) for name, kind in _KINDS.items()]))


def unpacked(data: bytes) -> Module:
    """Return a file's facts from bytes that ``packed`` made.

    Raises:
        ValueError, EOFError, TypeError: They are not such bytes.
    """
    rest, lists = marshal.loads(data)  # noqa: S302 - plain values only; the file is our own and its digest was checked
    names: dict[bytes, Ref] = {}
    module = Module(**{name: _opened(value, names) for name, value in zip(_REST, rest, strict=True)})
    for (name, kind), rows in zip(_KINDS.items(), lists, strict=True):
        setattr(module, name, [_made(kind, row, names) for row in rows])
    return module


def _rows(items: Iterable[object], kind: type) -> Iterator[list[Any]]:
    get, sealed = _GET[kind], _SEALED[kind]
    for item in items:
        row = list(get(item))
        for place in sealed:
            row[place] = _sealed(row[place])
        if kind is Function:
            place = _FIELDS[Function].index("parameters")
            row[place] = list(_rows(row[place], Parameter))
        yield row


def _made(kind: type, row: list[Any], names: dict[bytes, Ref]) -> Any:
    for place in _SEALED[kind]:
        row[place] = _opened(row[place], names)
    if kind is Function:
        place = _FIELDS[Function].index("parameters")
        row[place] = tuple([_made(Parameter, inner, names) for inner in row[place]])
    return kind(*row)


def _sealed(value: Any) -> Any:
    kind = value.__class__
    if kind is Ref:
        return value.encode("utf-8", "surrogatepass")
    if kind is tuple:
        return tuple([_sealed(inner) for inner in value]) if value else value
    if kind is dict:
        return {key: _sealed(inner) for key, inner in value.items()} if value else value
    return value


def _opened(value: Any, names: dict[bytes, Ref]) -> Any:
    kind = value.__class__
    if kind is bytes:
        found = names.get(value)
        if found is None:
            found = names[value] = Ref(value.decode("utf-8", "surrogatepass"))
        return found
    if kind is tuple:
        return tuple([_opened(inner, names) for inner in value]) if value else value
    if kind is dict:
        return {key: _opened(inner, names) for key, inner in value.items()} if value else value
    return value
