"""Read a policy file, every entry with its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from agentctl.checklist.policy.model import Attestation, Policy, Waiver
from agentctl.documents import reading
from agentctl.documents.model import BadDocumentError, Document, Pointer, Problem, json_pointer
from agentctl.documents.secrets import masked
from agentctl.errors import UsageError
from agentctl.project import STATE_FOLDER
from agentctl.results import Location, Severity

NAMES = ("checklist.yaml", "checklist.yml")
NONE = "none"
_WAYS = "mend it, or judge by another one: --policy FILE (--policy none for none)"


def load(root: Path, given: Path | None = None) -> Policy:
    """Return the policy of a tree, or the one that replaces it; empty when there is none.

    Args:
        root: The folder that is looked at.
        given: A file of the user's, or ``none`` for no policy at all.

    Raises:
        UsageError: The file is not there, cannot be read, or does not fit ``schemas/checklist.schema.json``.
    """
    if given is not None:
        return Policy(given=True) if str(given) == NONE else read(given, str(given), given=True)
    found = own(root)
    return read(found, found.relative_to(root).as_posix()) if found else Policy()


def own(root: Path) -> Path | None:
    """Return the policy file that stands in a tree, or None.

    Raises:
        UsageError: It leads out of the tree, so that it says nothing about it.
    """
    path = next((path for name in NAMES if (path := root / STATE_FOLDER / name).exists()), None)
    if path is not None and not path.resolve().is_relative_to(root.resolve()):
        raise UsageError(f"{path.relative_to(root)}: is a link out of the tree", hint=_WAYS)
    return path


def read(path: Path, told: str, *, given: bool = False) -> Policy:
    """Return what a policy file says; ``told`` is how reports name it.

    Raises:
        UsageError: It is not there, cannot be read, or does not fit its schema.
    """
    try:
        document = checked(reading.read_file(path), told)
    except BadDocumentError as error:
        raise UsageError(f"{told}: {error.problem.message}", hint=_WAYS) from error
    return Policy(path=told, given=given) if document is None else _policy(document, told, given=given)


def checked(data: bytes, told: str) -> Document | None:
    """Return the document of a policy that fits its schema; None for a file with nothing in it.

    Raises:
        UsageError: It does not; the place and the mend are told.
    """
    from agentctl.documents import engine, explain, schemas

    parsed = reading.parse(data, "yaml")
    found = [*parsed.problems, *(one for document in parsed.documents for one in document.problems)]
    problems = [problem for problem in found if problem.severity is Severity.ERROR]
    if [problem.id for problem in problems] == ["empty"]:
        return None
    document = parsed.documents[0] if parsed.documents else None
    if document is not None and not problems:
        problems = explain.problems(engine.errors(schemas.builtin("checklist"), document.value))
    if len(parsed.documents) > 1:
        problems.append(Problem(id="syntax", message="holds more than one document"))
    if document is None or problems:
        raise _wrong(told, document, problems[0])
    return document


def _wrong(told: str, document: Document | None, problem: Problem) -> UsageError:
    span = problem.span or (document.locate(problem.pointer, at_key=problem.at_key) if document else None)
    place = f"{told}:{span.line}:{span.column}" if span else told
    return UsageError(f"{place}: {masked(problem.message)}", hint=masked(problem.hint) if problem.hint else _WAYS)


def _policy(document: Document, told: str, *, given: bool) -> Policy:
    value = document.value
    thresholds = value.get("thresholds", {})
    return Policy(
        path=told,
        given=given,
        profile=value.get("profile"),
        baseline=value.get("baseline"),
        weights=value.get("weights", {}),
        thresholds=thresholds,
        places={name: _place(document, told, ("thresholds", name)) for name in thresholds},
        waivers=tuple(_waiver(number, entry, place) for number, entry, place in _entries(document, told, "waivers")),
        attestations=tuple(
            _attestation(number, entry, place) for number, entry, place in _entries(document, told, "attestations")
        ),
    )


def _entries(document: Document, told: str, name: str) -> Iterator[tuple[int, Mapping[str, Any], Location]]:
    for number, entry in enumerate(document.value.get(name, ())):
        yield number, entry, _place(document, told, (name, number))


def _place(document: Document, told: str, pointer: Pointer) -> Location:
    span = document.locate(pointer, at_key=False)
    line, column = (span.line, span.column) if span else (None, None)
    return Location(path=told, line=line, column=column, pointer=json_pointer(pointer))


def _waiver(number: int, entry: Mapping[str, Any], place: Location) -> Waiver:
    scope = entry.get("scope", ())
    return Waiver(
        number=number,
        id=entry["id"],
        until=_day(entry["expires"]),
        place=place,
        reason=_text(entry["reason"]),
        owner=_text(entry["owner"]),
        scope=(scope,) if isinstance(scope, str) else tuple(scope),
        ticket=_text(entry["ticket"]) if "ticket" in entry else None,
    )


def _attestation(number: int, entry: Mapping[str, Any], place: Location) -> Attestation:
    return Attestation(
        number=number,
        id=entry["id"],
        until=_day(entry["until"]),
        place=place,
        who=_text(entry["who"]),
        when=_day(entry["when"]),
        link=_text(entry["link"]) if "link" in entry else None,
        note=_text(entry["note"]) if "note" in entry else None,
    )


def _text(words: str) -> str:
    """Return words of the file as they may stand in a report: on one line, without a secret."""
    return " ".join(masked(words).split())


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
