"""Hold a value against a schema: jsonschema-rs decides, ``jsonschema`` explains what failed (drafts 4 to 2020-12).

The compiled engine answers for every document, in linear time and without a network. Only what does not fit is given
to ``jsonschema``, which is loaded then. Where the two differ, or a document is too large for the slower one, the
compiled engine's own errors are told: no finding is ever lost between them.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from agentctl.documents import references
from agentctl.documents.failure import Failure, holder
from agentctl.documents.model import BadDocumentError, Problem
from agentctl.documents.schemas import Schema
from agentctl.signals import undisturbed

if TYPE_CHECKING:
    import jsonschema_rs

MOST = 500  # errors of one document; nobody reads more
MAX_EXPLAINED = 10_000  # values of a document that jsonschema still explains; it takes a millisecond for a hundred
Validator = Any  # each draft has a class of its own, without a common base
_NAMES = {"falseSchema": "false", "oneOfMultipleValid": "oneOf", "oneOfNotValid": "oneOf"}
_LISTED = frozenset({"required"})  # one name for each error: told as a list, as the others are


def errors(schema: Schema, value: Any) -> Sequence[Failure]:
    """Return what of a value does not fit a schema.

    Raises:
        BadDocumentError: The schema itself cannot be used.
    """
    validator, _ = _usable(schema)
    if validator.is_valid(value):
        return ()
    return _explained(schema, value) or [
        _failure(error, schema.content) for error in islice(validator.iter_errors(value), MOST)
    ]


def is_valid(schema: Schema, value: Any) -> bool:
    """Return whether a value fits a schema.

    Raises:
        BadDocumentError: The schema itself cannot be used.
    """
    return bool(_usable(schema)[0].is_valid(value))


def addresses(schema: Schema) -> Sequence[str]:
    """Return the addresses beyond a schema that it refers to, as far as they are not shipped ones.

    Raises:
        BadDocumentError: The schema itself cannot be used.
    """
    return _usable(schema)[1]


def _explained(schema: Schema, value: Any) -> list[Failure]:
    if not _fewer_than(MAX_EXPLAINED, value) or _counts_what_was_looked_at(schema):
        return []
    from agentctl.documents import authority

    return authority.failures(schema, value, MOST)


@cache
def _counts_what_was_looked_at(schema: Schema) -> bool:
    """Return whether a schema uses what jsonschema works out anew at each level, and with Python's patterns."""
    return any(f"unevaluated{what}" in repr(schema.content) for what in ("Properties", "Items"))


def _fewer_than(most: int, value: Any) -> bool:
    waiting, count = [value], 0
    while waiting and count < most:
        one = waiting.pop()
        count += 1
        if isinstance(one, dict):
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)
    return count < most


def _failure(error: jsonschema_rs.ValidationError, content: Any) -> Failure:
    keyword = _NAMES.get(error.kind.name, error.kind.name)
    wanted: Any = getattr(error.kind, "value", None)
    branches: tuple[tuple[Failure, ...], ...] = ()
    if keyword in {"anyOf", "oneOf"} and all(wanted):
        branches = tuple(tuple(_failure(inner, content) for inner in branch) for branch in wanted)
    elif keyword == "propertyNames":
        wanted = wanted.instance
    elif keyword in _LISTED:
        wanted = [wanted]
    return Failure(
        keyword=keyword,
        wanted=wanted,
        pointer=tuple(error.instance_path),
        instance=error.instance,
        holder=holder(content, error.evaluation_path[:-1]),
        branches=branches,
        message=error.message,
    )


@cache
def load() -> None:
    """Load the compiled engine, and what it loads when it is first used, with signals held back.

    An interruption in the modules that it loads by itself would end it by a panic, or be lost.
    """
    with undisturbed():
        import jsonschema_rs

        validator = jsonschema_rs.validator_for({"type": "object", "multipleOf": 0.1})
        tuple(validator.iter_errors(10**30))


def _usable(schema: Schema) -> tuple[Validator, list[str]]:
    load()
    import jsonschema_rs

    try:
        return _compiled(schema)
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError, TypeError) as error:
        raise BadDocumentError(_unusable(schema, error)) from error


@cache
def _compiled(schema: Schema) -> tuple[Validator, list[str]]:
    """Return the compiled schema, and the addresses beyond it that it needed."""
    import jsonschema_rs

    reference = references.ring(schema.content)
    if reference:
        raise ValueError(f"{reference} leads back to itself, and says nothing of the value")
    used: list[str] = []
    arguments: dict[str, Any] = {
        "base_uri": schema.path.as_uri(),
        "retriever": references.retriever(schema, used),
    }
    try:
        linear = jsonschema_rs.RegexOptions()
        return jsonschema_rs.validator_for(schema.content, pattern_options=linear, **arguments), used
    except jsonschema_rs.ValidationError as error:
        if error.kind.name not in {"pattern", "format"}:
            raise
    bounded = jsonschema_rs.FancyRegexOptions(backtrack_limit=100_000)  # for look-around, which needs backtracking
    return jsonschema_rs.validator_for(schema.content, pattern_options=bounded, **arguments), used


def _unusable(schema: Schema, error: Exception) -> Problem:
    name = schema.kind or schema.path.name
    words = " ".join(str(getattr(error, "message", error)).split())
    if "NotFetchedError" in words:
        uri = words.rpartition("NotFetchedError:")[2].strip()
        return Problem(
            id="schema-unusable",
            message=f"schema {name} refers to {uri}, which is remote and never fetched",
            hint="download it beside the schema and refer to the file",
        )
    place = "".join(f"/{part}" for part in getattr(error, "instance_path", None) or ())
    return Problem(
        id="schema-unusable",
        message=f"schema {name} cannot be used{f' (at {place})' if place else ''}: {words}",
        hint="mend the schema, or name another with --schema",
    )
