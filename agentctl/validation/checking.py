"""One file at a time: read it, find the schema of each of its documents, and hold them against schema and rules."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import Any, NamedTuple

from agentctl.documents import engine, explain, limits, reading, tables
from agentctl.documents.model import BadDocumentError, Document, Parsed, Pointer, Problem, value_at
from agentctl.documents.schemas import Schema
from agentctl.errors import UsageError
from agentctl.validation import discovery
from agentctl.validation.discovery import Candidate, Governance
from agentctl.validation.rules import Break, Rule, rules_of

_UNGOVERNED = "no schema governs it; name one with --schema"
SECRET = "inline-secret"  # noqa: S105 - the id of a rule
_STRUCTURE = frozenset({"missing-key", "duplicate-key", "encoding"})  # says nothing about the value at its pointer


class Part(NamedTuple):
    """A document with the schema that governs it.

    Attributes:
        value: What is judged: the document, or the table of it that the schema governs.
        table: The pointer of that table in the document.
        problems: What was found; the pointers start at the table.
    """

    document: Document
    schema: Schema
    value: Any
    table: Pointer = ()
    problems: tuple[Problem, ...] = ()


class Checked(NamedTuple):
    """A file that was looked at.

    Attributes:
        governed: Whether a schema governs any of it.
        notice: What a person who named the file should know.
        problems: Those of the file as a whole.
    """

    candidate: Candidate
    text: str = ""
    governed: bool = True
    notice: str | None = None
    parts: tuple[Part, ...] = ()
    problems: tuple[Problem, ...] = ()


def check(candidate: Candidate, governance: Governance, disabled: AbstractSet[str]) -> Checked | None:
    """Look at a file; None when nothing governs it and nobody named it."""
    by_name = governance.chosen or governance.by_name(candidate.name)
    if by_name is None and not candidate.named and not discovery.declares(candidate.path):
        return None
    try:
        data = _read(candidate)
    except BadDocumentError as error:
        return Checked(candidate=candidate, problems=(error.problem,))
    return content(data, candidate, governance, disabled)


def content(data: bytes, candidate: Candidate, governance: Governance, disabled: AbstractSet[str]) -> Checked | None:
    """Look at bytes as if the file held them."""
    by_name = governance.chosen or governance.by_name(candidate.name)
    form = reading.format_of(candidate.name)
    if form is None and governance.chosen is None and candidate.name != discovery.STDIN:
        return Checked(
            candidate=candidate, governed=False, notice="its name does not end as YAML, JSON, TOML or CSV does"
        )
    form = form or _guessed(data, governance)
    if form == "csv" and by_name is None:
        by_name = discovery.by_columns(data)
        if by_name is None and not any(discovery.references(None, data.decode("utf-8", "replace"))):
            return Checked(candidate=candidate, governed=False, notice=_UNGOVERNED) if candidate.named else None
    parsed = reading.parse(data, form)
    if not parsed.documents:
        return _unparsed(candidate, parsed, by_name, governance)
    return _parsed(candidate, parsed, governance, disabled)


def first_part(candidate: Candidate, governance: Governance) -> Part | None:
    """Return a governed file's first document with its schema, without judging it; None where it has none."""
    try:
        parsed = reading.parse(reading.read_file(candidate.path), reading.format_of(candidate.name) or "yaml")
        found = (_part(candidate, document, parsed.text, governance) for document in parsed.documents)
        return next((one for one in found if isinstance(one, Part)), None)
    except (BadDocumentError, UsageError):
        return None


def _read(candidate: Candidate) -> bytes:
    if candidate.name != discovery.STDIN:
        return reading.read_file(candidate.at)
    if candidate.data is None:
        candidate.data = sys.stdin.buffer.read(limits.MAX_BYTES + 1)
    reading.check_size(len(candidate.data))
    return candidate.data


def _guessed(data: bytes, governance: Governance) -> str:
    """Return how to read what has no name that tells it."""
    if discovery.by_columns(data) or (governance.chosen and tables.columns(governance.chosen)):
        return "csv"
    try:
        json.loads(data)
    except (ValueError, RecursionError):
        lines = (line.strip() for line in data.decode("utf-8", "replace").splitlines())
        first = next((line for line in lines if line and not line.startswith("#")), "")
        return "toml" if "=" in first.partition(":")[0] or (first[:1] == "[" and first[-1:] == "]") else "yaml"
    return "json"


def _unparsed(candidate: Candidate, parsed: Parsed, by_name: Schema | None, governance: Governance) -> Checked | None:
    """Report a file that cannot be parsed, unless it only happens to have the name of one that is governed."""
    empty = any(problem.id == "empty" for problem in parsed.problems)
    claimed = by_name is not None and (empty or by_name is governance.chosen or by_name.may_claim(parsed.text))
    if not claimed and not candidate.named:
        return None
    return Checked(candidate=candidate, text=parsed.text, problems=parsed.problems)


def _parsed(candidate: Candidate, parsed: Parsed, governance: Governance, disabled: AbstractSet[str]) -> Checked | None:
    parts: list[Part] = []
    notices: list[str] = []
    unusable: list[Problem] = []
    for document in parsed.documents:
        try:
            found = _part(candidate, document, parsed.text, governance)
        except UsageError as error:
            unusable.append(Problem(id="schema-unusable", message=error.message, hint=error.hint))
            continue
        if isinstance(found, str):
            notices.append(found)
        else:
            parts.append(_judged(found, disabled))
    governed = bool(parts or unusable)
    if not governed and not candidate.named:
        return None
    return Checked(
        candidate=candidate,
        text=parsed.text,
        governed=governed,
        notice=notices[0] if notices else None,
        parts=tuple(parts),
        problems=(*parsed.problems, *unusable) if governed else (),
    )


def _part(candidate: Candidate, document: Document, text: str, governance: Governance) -> Part | str:
    """Return the document with its schema, or why it has none."""
    if governance.chosen is not None:
        return _with_schema(candidate, document, governance.chosen)
    remote = None
    for reference in discovery.references(document.value, text):
        schema = discovery.declared(reference, candidate.path)
        if schema is not None:
            return _with_schema(candidate, document, schema)
        remote = f"its schema {reference} is not on this machine, and is never fetched; name a copy with --schema"
    named = governance.by_name(candidate.name) or tables.claiming(document.value)
    if named is None:
        return remote or _UNGOVERNED
    if not named.claims(document.value):
        return (
            f"it is named like a file of kind {named.kind}, but has none of its keys; say so with --schema {named.kind}"
        )
    return _with_schema(candidate, document, named)


def _with_schema(candidate: Candidate, document: Document, schema: Schema) -> Part | str:
    document = tables.under(document, schema)
    table = schema.table_of(candidate.name)
    value = value_at(document.value, table)
    if table and value is None:
        return f"it has no table [{'.'.join(table)}]"
    return Part(document=document, schema=schema, value=value, table=table)


def _judged(part: Part, disabled: AbstractSet[str]) -> Part:
    """Return the part with all that is wrong with it: one problem for each cause."""
    try:
        failures = engine.errors(part.schema, part.value)
        found = explain.problems(failures) if failures else []
    except BadDocumentError as error:
        found = [error.problem]
    if part.schema.kind:
        blamed = {problem.pointer for problem in found if problem.id not in _STRUCTURE}
        found += explain.near_misses(part.schema.content, part.value)
        found += [
            problem for problem in _broken(part, disabled) if problem.pointer not in blamed or problem.id == SECRET
        ]
    if not found:
        return part
    secret = {problem.pointer for problem in found if problem.id == SECRET}
    kept = [problem for problem in found if problem.pointer not in secret or problem.id == SECRET]
    problems = tuple(problem for problem in kept if problem.id not in disabled and not _is_told(problem, part))
    return part._replace(problems=problems)


def _is_told(problem: Problem, part: Part) -> bool:
    """Return whether the reader has already found fault with the same place."""
    told = part.document.problems
    if not told:
        return False
    span = part.document.locate((*part.table, *problem.pointer), at_key=problem.at_key)
    return any(span == one.span for one in told if one.span)


def _broken(part: Part, disabled: AbstractSet[str]) -> Iterator[Problem]:
    for rule in rules_of(part.schema.kind):
        if not rule.together and rule.id not in disabled:
            yield from (problem(rule, broken) for broken in rule.check(part.value))


def problem(rule: Rule, broken: Break) -> Problem:
    """Return a broken rule as a problem."""
    return Problem(
        id=rule.id,
        message=broken.message,
        hint=broken.hint,
        pointer=broken.pointer,
        at_key=broken.at_key,
        severity=broken.severity or rule.severity,
    )
