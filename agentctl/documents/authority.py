"""What ``jsonschema`` says of a document that does not fit: loaded only when there is one to explain.

Three things it would do in its own way are answered by the compiled engine instead, so that no document and no schema
can keep it busy for ever: patterns (Python's ``re`` backtracks), formats (so that both mean the same) and unique items
(quadratic).  References are counted, because they alone let a small schema ask without end.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from itertools import islice
from typing import Any

import jsonschema_rs
from jsonschema import ValidationError, validators
from jsonschema_specifications import REGISTRY  # type: ignore[import-untyped]
from referencing import Registry, Resource
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT202012, specification_with

from agentctl.documents import references
from agentctl.documents.failure import Failure, holder
from agentctl.documents.model import BadDocumentError
from agentctl.documents.schemas import Schema

MAX_REFERENCES = 10_000  # followed for one document
_FOLLOWED = ("$ref", "$dynamicRef", "$recursiveRef")
_ANSWERED = ("pattern", "format", "uniqueItems")
_WORTH_COMPILING = 3  # documents after which parts of the schema are compiled on their own
_SHARED = ("$defs", "definitions")
_PLACED = ("$id", "id", "$anchor", "$dynamicRef", "$dynamicAnchor", "$recursiveRef", "$recursiveAnchor")
_REFERENCE = re.compile(r"'\$ref': ['\"][^'\"]*")
_LOCAL = re.compile(r"'\$ref': ['\"]#/(?:\$defs|definitions)/[^'\"]*")
_DATA = frozenset({"const", "enum", "default", "examples"})
_OF_SCHEMAS = frozenset({
    "properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "dependencies",
    "anyOf", "oneOf", "allOf", "prefixItems",
})  # fmt: skip
_DEFAULT = "https://json-schema.org/draft/2020-12/schema"

Check = Callable[..., Iterator[ValidationError]]


class EndlessError(Exception):
    """More references were followed than any real document needs."""


def failures(schema: Schema, value: Any, most: int) -> list[Failure]:
    """Return what ``jsonschema`` finds; nothing where it finds nothing, or cannot tell."""
    try:
        return found(schema, value, most)
    except EndlessError:
        message = "fits none of the branches of its schema, which are too many to tell which one was meant"
        return [Failure(keyword="", wanted=None, pointer=(), instance=value, holder={}, message=message)]
    except (Unresolvable, RecursionError, BadDocumentError, ValueError, TypeError):
        return []


def found(schema: Schema, value: Any, most: int) -> list[Failure]:
    """Return the same, and raise what it raises.

    Raises:
        EndlessError: More references were followed than any real document needs.
    """
    validator, budget = _validator(schema)
    budget.left = MAX_REFERENCES
    budget.asked += 1
    return [_failure(error, schema.content) for error in islice(validator.iter_errors(value), most)]


class _Budget:
    """What one schema may cost: references followed for a document, and parts that need not be walked at all."""

    def __init__(self, content: Any, dialect: str) -> None:
        self.left = MAX_REFERENCES
        self.asked = 0
        self._shared = {key: content[key] for key in _SHARED if isinstance(content, dict) and key in content}
        self._dialect = dialect
        self._known: dict[int, tuple[Any, Any]] = {}  # by identity: the part of the schema, and its compiled form

    def limited(self, check: Check) -> Check:
        """Return a keyword that follows references, counted."""

        def followed(validator: Any, wanted: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
            self.left -= 1
            if self.left < 0:
                raise EndlessError
            yield from check(validator, wanted, instance, schema)

        return followed

    def properties(self, validator: Any, wanted: Any, instance: Any, _schema: Any) -> Iterator[ValidationError]:
        """Walk only properties that do not fit: of a bad document that is one in ten."""
        for name, inner in wanted.items() if isinstance(instance, dict) else ():
            if name in instance and not self._fits(inner, instance[name]):
                yield from validator.descend(instance[name], inner, path=name, schema_path=name)

    def _fits(self, inner: Any, value: Any) -> bool:
        if self.asked < _WORTH_COMPILING:
            return False
        known = self._known.get(id(inner))
        if known is None:
            known = self._known[id(inner)] = (inner, self._compiled(inner))
        return known[1] is not None and bool(known[1].is_valid(value))

    def _compiled(self, inner: Any) -> Any:
        """Return a part of the schema on its own, or None where it may mean something else there."""
        text = repr(inner)
        if any(f"'{word}'" in text for word in _PLACED) or set(_REFERENCE.findall(text)) - set(_LOCAL.findall(text)):
            return None
        try:
            return _engine({"$schema": self._dialect, **self._shared, "allOf": [inner]})
        except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError, TypeError):
            return None


@cache
def _validator(schema: Schema) -> tuple[Any, _Budget]:
    from urllib.parse import urljoin

    told = schema.content.get("$schema") if isinstance(schema.content, dict) else None
    dialect = told if isinstance(told, str) else _DEFAULT
    base = urljoin(schema.path.as_uri(), references.own_address(schema.content))
    retrieve = references.retriever(schema, [])
    fetched = cache(lambda uri: _resource(retrieve(uri), dialect))
    registry = Registry(retrieve=fetched).combine(REGISTRY)  # type: ignore[call-arg]
    registry = registry.with_resource(base, _resource(schema.content, dialect))
    reading = validators.validator_for({"$schema": dialect}, default=validators.Draft202012Validator)
    budget = _Budget(schema.content, dialect)
    return _bounded(reading, dialect, budget)({"$ref": base}, registry=registry), budget


def _resource(content: Any, dialect: str) -> Resource[Any]:
    own = content.get("$schema") if isinstance(content, dict) else None
    told = specification_with(dialect, DRAFT202012)
    return specification_with(own if isinstance(own, str) else dialect, told).create_resource(_schema(content))


def _schema(schema: Any) -> Any:
    """Return a schema that jsonschema can be asked about within bounds and with places.

    Without ``$schema``, at which it leaves our class for its own; and ``false``, whose place it forgets, as a ``not``.
    """
    return {"not": {}} if schema is False else _keywords(schema)


def _keywords(node: Any) -> Any:
    if isinstance(node, list):
        return [_keywords(inner) for inner in node]
    if not isinstance(node, dict):
        return node
    return {key: _keyword(key, inner) for key, inner in node.items() if key != "$schema" or not isinstance(inner, str)}


def _keyword(key: str, inner: Any) -> Any:
    if key in _DATA:
        return inner
    if key in _OF_SCHEMAS and isinstance(inner, dict):
        return {name: _schema(one) for name, one in inner.items()}
    if key in _OF_SCHEMAS and isinstance(inner, list):
        return [_schema(one) for one in inner]
    return _keywords(inner)


def _bounded(reading: Any, dialect: str, budget: _Budget) -> Any:
    """Return a validator class whose every keyword ends."""
    own = {word: budget.limited(reading.VALIDATORS[word]) for word in _FOLLOWED if word in reading.VALIDATORS}
    own |= {word: _answered(word, dialect) for word in _ANSWERED}
    own |= {
        "properties": budget.properties,
        "patternProperties": _pattern_properties,
        "additionalProperties": _additional_properties,
        "propertyNames": _property_names,
    }
    return validators.extend(  # type: ignore[no-untyped-call]
        reading, {word: check for word, check in own.items() if word in reading.VALIDATORS}
    )


def _answered(keyword: str, dialect: str) -> Check:
    def check(_validator: Any, wanted: Any, instance: Any, _schema: Any) -> Iterator[ValidationError]:
        if not _single(keyword, wanted, dialect).is_valid(instance):
            yield ValidationError(f"{instance!r} does not fit {keyword} {wanted!r}")

    return check


@cache
def _single(keyword: str, wanted: Any, dialect: str = _DEFAULT) -> Any:
    """Return the compiled engine for one keyword; a pattern that needs backtracking has a bounded amount of it."""
    return _engine({"$schema": dialect, keyword: wanted})


def _engine(schema: Any) -> Any:
    try:
        return jsonschema_rs.validator_for(schema, pattern_options=jsonschema_rs.RegexOptions())
    except jsonschema_rs.ValidationError:
        bounded = jsonschema_rs.FancyRegexOptions(backtrack_limit=100_000)
        return jsonschema_rs.validator_for(schema, pattern_options=bounded)


def _pattern_properties(validator: Any, wanted: Any, instance: Any, _schema: Any) -> Iterator[ValidationError]:
    for pattern, inner in wanted.items() if isinstance(instance, dict) else ():
        for name, value in instance.items():
            if _single("pattern", pattern).is_valid(name):
                yield from validator.descend(value, inner, path=name, schema_path=pattern)


def _additional_properties(validator: Any, wanted: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    names = _additional(instance, schema) if isinstance(instance, dict) else []
    if wanted is False and names:
        yield ValidationError(f"{', '.join(names)} not known")
    elif isinstance(wanted, dict):
        for name in names:
            yield from validator.descend(instance[name], wanted, path=name)


def _additional(instance: Mapping[str, Any], schema: Mapping[str, Any]) -> list[str]:
    known = schema.get("properties", {})
    patterns = [_single("pattern", pattern) for pattern in schema.get("patternProperties", {})]
    return [name for name in instance if name not in known and not any(one.is_valid(name) for one in patterns)]


def _property_names(validator: Any, wanted: Any, instance: Any, _schema: Any) -> Iterator[ValidationError]:
    for name in instance if isinstance(instance, dict) else ():
        if next(validator.descend(name, wanted), None) is not None:
            yield ValidationError(name)


def _failure(error: ValidationError, content: Any) -> Failure:
    never = error.validator is None or (error.validator == "not" and error.validator_value == {})
    keyword = "false" if never else str(error.validator)
    own = error.schema if isinstance(error.schema, dict) else {}
    branches: dict[Any, list[Failure]] = defaultdict(list)
    for inner in error.context or ():
        branches[inner.schema_path[0]].append(_failure(inner, content))
    path = list(error.absolute_schema_path)
    return Failure(
        keyword=_exclusive(keyword, own),
        wanted=_wanted(keyword, error, own),
        pointer=tuple(error.absolute_path),
        instance=error.instance,
        holder={**own, **holder(content, path[:-1] if error.validator is not None else path)},
        branches=tuple(map(tuple, branches.values())),
        message=error.message,
    )


def _exclusive(keyword: str, own: Mapping[str, Any]) -> str:
    """Return the keyword's later name: draft 4 says with a flag beside it that a bound is exclusive."""
    told = f"exclusive{keyword[:1].upper()}{keyword[1:]}"
    return told if keyword in {"minimum", "maximum"} and own.get(told) is True else keyword


def _wanted(keyword: str, error: ValidationError, own: Mapping[str, Any]) -> Any:
    value: Any = error.validator_value
    instance: Any = error.instance
    if keyword == "required":
        return [name for name in value if name not in instance]
    if keyword == "additionalProperties":
        return _additional(instance, own)
    if keyword == "propertyNames":
        return error.message
    return [value] if keyword == "type" and isinstance(value, str) else value
