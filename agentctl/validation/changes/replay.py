"""Hold the configurations that a schema took before against the schema as it is now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from agentctl.documents import engine, secrets
from agentctl.documents.model import BadDocumentError, Pointer
from agentctl.documents.schemas import Schema

_MOST = 20  # errors of one configuration that are looked at


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """What came of it.

    Attributes:
        fitting: How many configurations the old schema took.
        refused: Place in the new schema to the configurations that it refuses there, and the first reason.
    """

    fitting: int
    refused: Mapping[Pointer, tuple[tuple[str, ...], str]]


@dataclass(frozen=True, kw_only=True, eq=False)
class SchemaChange:
    """A schema before and after."""

    old: Schema
    new: Schema

    @cached_property
    def is_proved_compatible(self) -> bool:
        """Whether every value that fitted is proved to fit still; False says only that there is no proof."""
        engine.load()
        import jsonschema_rs

        try:
            new, old = (jsonschema_rs.canonicalize(one.content, offline=True) for one in (self.new, self.old))
            return new.covers(old) == jsonschema_rs.canonical.Containment.YES
        except (ValueError, TypeError, jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError):
            return False

    def replay(self, configurations: Sequence[tuple[str, Any]]) -> Replayed:
        """Hold named configurations against both."""
        fitting = [(name, value) for name, value in configurations if _fits(self.old, value)]
        refused: dict[Pointer, tuple[tuple[str, ...], str]] = {}
        for name, value in fitting:
            if not _fits(self.new, value):
                for place, reason in _reasons(self.new, value):
                    names, first = refused.get(place, ((), reason))
                    refused[place] = ((*names, name) if name not in names else names, first)
        return Replayed(fitting=len(fitting), refused=refused)


def _fits(schema: Schema, value: Any) -> bool:
    try:
        return not engine.errors(schema, value)
    except BadDocumentError:
        return True  # a schema that cannot be used is a finding of its own, and says nothing about a value


def _reasons(schema: Schema, value: Any) -> Iterator[tuple[Pointer, str]]:
    """Yield each keyword that refuses a value, as a place in the schema; the whole where none can be told."""
    import jsonschema_rs

    try:
        validator = jsonschema_rs.validator_for(schema.content, base_uri=schema.path.as_uri())
        errors = [error for error, _ in zip(validator.iter_errors(value), range(_MOST), strict=False)]
    except (ValueError, TypeError, jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError):
        errors = []
    known = secrets.known_in(value)
    for error in errors:
        yield tuple(error.schema_path), secrets.masked(str(error.message), known)
    if not errors:
        yield (), "it does not fit"
