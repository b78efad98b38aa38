"""YAML by its 1.2 core schema, composed once by libyaml: values, places, doubled keys and aliases from one tree."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from importlib import import_module
from math import isfinite
from typing import Any

import yaml

from agentctl.documents import limits
from agentctl.documents.model import BadDocumentError, Document, Pointer, Problem, Span

_TAG = "tag:yaml.org,2002:"
_STR, _MERGE = _TAG + "str", _TAG + "merge"
_CONSTANTS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), "null"),
    **dict.fromkeys(("true", "True", "TRUE", "false", "False", "FALSE"), "bool"),
    "<<": "merge",
}
_BAD = object()
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_NUMBER_STARTS = frozenset("0123456789+-.")
_NOT_TEXT = _NUMBER_STARTS | frozenset("~nNtTfF")  # how a plain scalar starts that may be something else


class _Core:
    """Leaves a node without a tag unresolved until its value is made, which is when a plain scalar is told from others.

    The composer asks for the tag of each node; ``slice`` takes the three things that it is asked with, and is the only
    answer that costs no call of a Python function, a third of the time that composing takes.
    """

    resolve = slice

    def descend_resolver(self, *_: object) -> None:
        """There are no resolvers by path."""

    def ascend_resolver(self) -> None:
        """There are no resolvers by path."""


class _PureLoader(_Core, yaml.reader.Reader, yaml.scanner.Scanner, yaml.parser.Parser, yaml.composer.Composer):
    """For an interpreter without libyaml: the same nodes, ten times slower."""

    def __init__(self, text: str) -> None:
        yaml.reader.Reader.__init__(self, text)
        yaml.scanner.Scanner.__init__(self)
        yaml.parser.Parser.__init__(self)
        yaml.composer.Composer.__init__(self)


def _loader() -> Any:
    if not yaml.__with_libyaml__:
        return _PureLoader
    return type("_Loader", (_Core, import_module("yaml._yaml").CParser), {})


_Loader = _loader()


def read(text: str) -> tuple[Document, ...]:
    """Return the documents of a YAML stream; empty ones are left out.

    Raises:
        BadDocumentError: It is not YAML, or goes beyond the bounds.
    """
    try:
        _check_bounds(text)
        has_aliases = "*" in text
        return tuple(_document(node, has_aliases=has_aliases) for node in _nodes(text) if not _is_empty(node))
    except yaml.MarkedYAMLError as error:
        raise _syntax(error) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        message = f"is not YAML: {' '.join(str(error).split())}"
        raise BadDocumentError(Problem(id="syntax", message=message)) from error


def _is_untagged(tag: Any) -> bool:
    return type(tag) is slice


def _tag(node: yaml.ScalarNode) -> str:
    """Return a scalar's tag: what it says, else what YAML 1.2 takes a plain one for (no dates, no ``no`` for false)."""
    tag: Any = node.tag
    if not _is_untagged(tag):
        return str(tag)
    return _core_tag(node.value) if tag.step[0] else _STR


def _is_merge(key: yaml.Node) -> bool:
    return key.value == "<<" and isinstance(key, yaml.ScalarNode) and _tag(key) == _MERGE


def _core_tag(value: str) -> str:
    constant = _CONSTANTS.get(value)
    if constant is not None:
        return _TAG + constant
    if value[0] not in _NUMBER_STARTS:
        return _STR
    if _INT.fullmatch(value):
        return _TAG + "int"
    return _TAG + "float" if _FLOAT.fullmatch(value) else _STR


def _check_bounds(text: str) -> None:
    """Refuse deep nesting and very many values before libyaml's composer makes nodes of them.

    It recurses in C, crashes at 30,000 levels, and each node takes half a kilobyte. A level needs a bracket or a
    further column and a value a character, so that only a text that could be too large is looked at twice.
    """
    brackets = text.count("[") + text.count("{")
    wide = len(text) >= 10 * limits.MAX_DEPTH and max(map(len, text.splitlines())) >= 10 * limits.MAX_DEPTH
    if brackets < limits.MAX_DEPTH and not wide and len(text) < limits.MAX_VALUES:
        return
    depth = count = 0
    for event in _events(text):
        count += isinstance(event, yaml.NodeEvent)
        if count > limits.MAX_VALUES:
            raise limits.too_many(_span(event))
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > limits.MAX_DEPTH:
                raise limits.too_deep(_span(event))
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _events(text: str) -> Iterator[yaml.Event]:
    loader = _Loader(text)
    while loader.check_event():
        yield loader.get_event()


def _nodes(text: str) -> Iterator[yaml.Node]:
    loader = _Loader(text)
    while loader.check_node():
        yield loader.get_node()


def _is_empty(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.value == "" and _tag(node) == _TAG + "null"


def _document(root: yaml.Node, *, has_aliases: bool) -> Document:
    builder = _Builder(has_aliases=has_aliases)
    value = builder.value(root, 0)
    return Document(value=value, problems=tuple(builder.problems), locate=partial(_locate, root))


class _Builder:
    """Turns nodes into values: each node once, so that aliases share their value."""

    def __init__(self, *, has_aliases: bool) -> None:
        self.problems: list[Problem] = []
        self._has_aliases = has_aliases  # without, a node stands once, and all of them have been counted already
        self._built: dict[int, tuple[Any, int]] = {}  # by node: its value, and how many values it stands for
        self._open: set[int] = set()
        self._count = 0

    def value(self, node: yaml.Node, depth: int) -> Any:
        """Return the value of a node, which each alias of it shares."""
        if type(node) is yaml.ScalarNode:
            self._count += 1
            return self._scalar(node)
        if depth >= limits.MAX_DEPTH:
            raise limits.too_deep(_span(node))
        return self._shared(node, depth) if self._has_aliases else self._collection(node, depth)

    def _shared(self, node: yaml.Node, depth: int) -> Any:
        known = self._built.get(id(node))
        if known is None:
            known = self._once(node, depth)
        else:
            self._count += known[1]
        if self._count > limits.MAX_VALUES:
            raise BadDocumentError(_too_many(node))
        return known[0]

    def _once(self, node: Any, depth: int) -> tuple[Any, int]:
        """Return the value of a node that is met for the first time, and how many values it stands for."""
        name = id(node)
        if name in self._open:
            raise BadDocumentError(_recursive(node))
        self._open.add(name)
        before = self._count
        value = self._collection(node, depth)
        self._open.discard(name)
        self._count += 1 + len(node.value)
        self._built[name] = known = (value, self._count - before)
        return known

    def _collection(self, node: Any, depth: int) -> Any:
        return self._sequence(node, depth) if type(node) is yaml.SequenceNode else self._mapping(node, depth)

    def _sequence(self, node: yaml.SequenceNode, depth: int) -> list[Any]:
        scalar, inner = self._scalar, self.value
        return [scalar(child) if type(child) is yaml.ScalarNode else inner(child, depth + 1) for child in node.value]

    def _mapping(self, node: yaml.MappingNode, depth: int) -> dict[str, Any]:
        own: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        for key, child in node.value:
            if type(key) is not yaml.ScalarNode:
                raise BadDocumentError(_no_key(key))
            name = key.value
            if name == "<<" and _is_merge(key):
                self._merge(merged, child, depth)
                continue
            if name in own:
                self.problems.append(_doubled(name, key))
            own[name] = self._scalar(child) if type(child) is yaml.ScalarNode else self.value(child, depth + 1)
        return {**merged, **own} if merged else own

    def _merge(self, merged: dict[str, Any], node: yaml.Node, depth: int) -> None:
        """Add what ``<<`` brings; the first source of a key wins."""
        sources = node.value if isinstance(node, yaml.SequenceNode) else [node]
        for source in sources:
            value = self.value(source, depth + 1)
            if not isinstance(value, dict):
                raise BadDocumentError(Problem(id="syntax", message="<< merges only mappings", span=_span(source)))
            for name, child in value.items():
                merged.setdefault(name, child)

    def _scalar(self, node: yaml.ScalarNode) -> Any:
        text = node.value
        tag: Any = node.tag
        if type(tag) is slice:
            if not tag.step[0] or (text and text[0] not in _NOT_TEXT):
                return text
            value = _plain(text)
        else:
            value = _made(tag, text)
        if value is _BAD:
            self.problems.append(_bad_number(node))
            return None
        return value


def _made(tag: str, text: str) -> Any:
    """Return a scalar's value by its tag, ``_BAD`` for a number that no reader holds."""
    make = _SCALARS.get(tag)
    if make is None:
        return text
    try:
        value = make(text)
    except (ValueError, OverflowError, KeyError):
        return text  # an explicit tag that does not fit: the schema says what is wanted
    return _BAD if isinstance(value, int | float) and not _is_json_number(value, text) else value


@lru_cache(4096)
def _plain(text: str) -> Any:
    return _made(_core_tag(text), text)


def _integer(text: str) -> Any:
    if len(text) > limits.MAX_DIGITS:
        return 10**limits.MAX_DIGITS
    return int(text, 0) if text[:2] in {"0o", "0x"} else int(text)


def _float(text: str) -> float:
    lowered = text.lower()
    return float(lowered.replace(".inf", "inf").replace(".nan", "nan"))


_SCALARS: dict[str, Callable[[str], Any]] = {
    _TAG + "int": _integer,
    _TAG + "float": _float,
    _TAG + "bool": {
        "true": True,
        "True": True,
        "TRUE": True,
        "false": False,
        "False": False,
        "FALSE": False,
    }.__getitem__,
    _TAG + "null": lambda _: None,
}


def _is_json_number(value: float, text: str) -> bool:
    return len(text) <= limits.MAX_DIGITS and (isinstance(value, int) or isfinite(value))


def _no_key(node: yaml.Node) -> Problem:
    message = "a mapping or a list is no key"
    return Problem(id="syntax", message=message, hint="use a string as key", span=_span(node))


def _locate(root: yaml.Node, pointer: Pointer, *, at_key: bool) -> Span | None:
    node, key = root, None
    for part in pointer:
        found = _child(node, part)
        if found is None:
            break
        key, node = found
    if at_key and key is not None:
        return _span(key)
    return _span(node)


def _child(node: yaml.Node, part: str | int) -> tuple[yaml.Node | None, yaml.Node] | None:
    if isinstance(node, yaml.SequenceNode):
        return (None, node.value[part]) if isinstance(part, int) and part < len(node.value) else None
    if not isinstance(node, yaml.MappingNode):
        return None
    for key, child in reversed(node.value):
        if key.value == str(part) and not _is_merge(key):
            return key, child
    for key, child in node.value:
        for source in (child.value if isinstance(child, yaml.SequenceNode) else [child]) if _is_merge(key) else ():
            found = _child(source, part)
            if found is not None:
                return found
    return None


def _span(thing: Any) -> Span:
    start, end = thing.start_mark, thing.end_mark
    return Span(start.line + 1, start.column + 1, end.line + 1, end.column + 1)


def _syntax(error: yaml.MarkedYAMLError) -> BadDocumentError:
    mark = error.problem_mark or error.context_mark
    span = Span(mark.line + 1, mark.column + 1, mark.line + 1, mark.column + 2) if mark else None
    words = ", ".join(part for part in (error.problem, error.context) if part)
    return BadDocumentError(Problem(id="syntax", message=f"is not YAML: {words}", span=span))


def _doubled(name: str, key: yaml.Node) -> Problem:
    return Problem(
        id="duplicate-key",
        message=f"`{name}` stands here a second time; only one of the two values can hold",
        hint="keep one of them",
        at_key=True,
        span=_span(key),
    )


def _bad_number(node: yaml.ScalarNode) -> Problem:
    return Problem(
        id="number",
        message="this number is not finite or too long for any reader",
        hint="write a number that a double can hold",
        span=_span(node),
    )


def _too_many(node: yaml.Node) -> Problem:
    message = f"its aliases stand for more than {limits.MAX_VALUES:,} values"
    return Problem(id="too-large", message=message, hint="write the values out, or split the file", span=_span(node))


def _recursive(node: yaml.Node) -> Problem:
    message = "this anchor contains itself"
    return Problem(id="too-large", message=message, hint="remove the alias that closes the ring", span=_span(node))
