"""Tell what a changed schema does to the configurations that it governs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from agentctl.documents import engine, reading, references
from agentctl.documents.model import BadDocumentError, Document, Parsed, Pointer, value_at
from agentctl.documents.schemas import Schema
from agentctl.errors import UsageError
from agentctl.results import Finding, Location
from agentctl.validation import checking, discovery, findings
from agentctl.validation.changes import baseline
from agentctl.validation.changes.asked import Asked, Compared, broken, times
from agentctl.validation.changes.model import SCHEMA
from agentctl.validation.changes.replay import Replayed, SchemaChange
from agentctl.validation.changes.revision import Revision
from agentctl.validation.checking import Checked, Part
from agentctl.validation.discovery import Candidate, Governance

_META = "json-schema.org/"
_MANY = 8  # files that a finding names


def as_schema(path: Path, told: str) -> Schema | None:
    """Return the file as a schema when it is one."""
    if reading.format_of(path.name) == "toml":
        return None
    content = next(iter(baseline.documents_of(path, told)), None)
    named = isinstance(content, dict) and (_META in str(content.get("$schema")) or path.name.endswith(".schema.json"))
    return Schema(kind="", path=path.resolve(), content=content) if named else None


def compare(checked: Sequence[Checked], older: Schema, asked: Asked) -> Compared:
    """Hold today's configurations against an older version of their schema, and tell what only the new one refuses."""
    own = older.content.get("$id")
    parts = [(one, part) for one in checked for part in one.parts]
    if asked.governance.chosen is None:
        parts = [(one, part) for one, part in parts if own and _id_of(part.schema) == own]
    if not parts:
        hint = "give both the same `$id`, or name the new one: agentctl validate --schema NEW --against OLD"
        raise UsageError(f"--against {asked.against}: it is no earlier version of any schema in use", hint=hint)
    newer = parts[0][1].schema
    values = [(one.candidate.name, part.value) for one, part in parts]
    told, note = _replay(SchemaChange(old=older, new=newer), values, asked, f"valid by {asked.against}")
    return Compared(checked=checked, findings=told, notes=[note] if note else [])


def _id_of(schema: Schema) -> Any:
    return schema.content.get("$id") if isinstance(schema.content, dict) else None


def since(found: Revision, checked: Sequence[Checked], asked: Asked) -> Iterator[tuple[list[Finding], str | None]]:
    """Replay the configurations of a revision for each schema that changed since."""
    parts = [(one, part) for one in checked for part in one.parts if one.candidate.name != discovery.STDIN]
    for path, schema in {part.schema.path: part.schema for _, part in parts}.items():
        older = _at(found, schema)
        if older is not None:
            change = SchemaChange(old=older, new=schema)
            values = list(_values_at(found, [one for one in parts if one[1].schema.path == path]))
            yield _replay(change, values, asked, f"valid at {found.name}")


def _at(found: Revision, schema: Schema) -> Schema | None:
    """Return a schema as it was, with the files that it refers to as they were; None where nothing has changed."""
    content = _content_at(found, schema.path)
    if content is None:
        return None
    older = replace(schema, content=content)
    now = {address: references.in_file(address) for address in (*_addresses(older), *_addresses(schema))}
    then = {address: _content_at(found, references.path_of(address)) or now[address] for address in now}
    if content == schema.content and then == now:
        return None
    return replace(schema, content=references.bundled(content, then))


def _addresses(schema: Schema) -> Iterator[str]:
    with suppress(BadDocumentError):  # what cannot be used is a finding of its own
        yield from (address for address in engine.addresses(schema) if address.startswith("file:"))


def _content_at(found: Revision, path: Path) -> Any:
    inside = found.within(path.resolve())
    name = found.before(inside) if inside else None
    documents = _parsed(found, [name]).get(name, ()) if name else ()
    return documents[0].value if documents else None


def _values_at(found: Revision, parts: Iterable[tuple[Checked, Part]]) -> Iterator[tuple[str, Any]]:
    names = {one.candidate.name: found.before(found.within(one.candidate.path) or "") for one, _ in parts}
    parsed = _parsed(found, [name for name in names.values() if name])
    for one, part in parts:
        olds = parsed.get(names[one.candidate.name] or "", ())
        place = one.parts.index(part)
        if place < len(olds):
            value = value_at(olds[place].value, part.table)
            if value is not None:
                yield one.candidate.name, value


def _parsed(found: Revision, names: Iterable[str]) -> Mapping[str, tuple[Document, ...]]:
    return {
        name: reading.parse(data, reading.format_of(name) or "json").documents
        for name, data in found.read(names).items()
    }


def _replay(
    change: SchemaChange, values: Sequence[tuple[str, Any]], asked: Asked, were: str
) -> tuple[list[Finding], str | None]:
    name = change.new.kind or change.new.path.name
    if change.is_proved_compatible:
        return [], f"schema {name} has changed since {asked.against}: proved compatible, whatever fitted still fits"
    replayed = change.replay(values)
    if not replayed.refused:
        many = times(replayed.fitting, "configuration")
        return [], f"schema {name} has changed since {asked.against}: {many} {were} still fit; others may not"
    return list(_refusals(change, replayed, asked, were)), None


def _refusals(change: SchemaChange, replayed: Replayed, asked: Asked, were: str) -> Iterator[Finding]:
    checked = _schema_file(change.new, asked.governance)
    refused = [
        (
            place,
            f"refuses {len(names)} of {times(replayed.fitting, 'configuration')} {were}: {reason}",
            _files(names),
        )
        for place, (names, reason) in replayed.refused.items()
    ]
    for rule, told in broken(SCHEMA, {"refused": refused}, asked.disabled):
        found = findings.finding(checked, checked.parts[0], checking.problem(rule, told))
        files = tuple(Location(path=one) for one in replayed.refused[told.pointer][0][:_MANY])
        shipped = change.new.kind and not change.new.path.is_relative_to(asked.governance.root.resolve())
        yield (
            replace(found, evidence=files, frame=None)
            if shipped
            else replace(found, evidence=(*found.evidence, *files))
        )


def _files(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MANY} more" if len(names) > _MANY else ""
    return f"leave it as wide as it was, or mend {', '.join(names[:_MANY])}{more}"


def _schema_file(schema: Schema, governance: Governance) -> Checked:
    """Return the schema's own file as one that was looked at, so that a finding can point into it."""
    try:
        parsed = reading.parse(reading.read_file(schema.path), reading.format_of(schema.path.name) or "json")
    except BadDocumentError:
        parsed = Parsed()
    candidate = Candidate(path=schema.path, name=discovery.shown(schema.path, governance.root))
    document = parsed.documents[0] if parsed.documents else Document(value=schema.content, locate=_nowhere)
    part = Part(document=document, schema=schema, value=schema.content)
    return Checked(candidate=candidate, text=parsed.text, parts=(part,))


def _nowhere(pointer: Pointer, *, at_key: bool) -> None:  # noqa: ARG001 - the protocol's shape
    return None
