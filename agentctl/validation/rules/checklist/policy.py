"""Rules for the checklist's policy: what people have waived and attested."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

from agentctl.documents.model import Pointer
from agentctl.documents.words import shown
from agentctl.results import Severity
from agentctl.validation.rules import Break, entries, rule

_LISTS = (("waivers", "expires"), ("attestations", "until"))


@rule("policy-date", "checklist")
def policy_date(policy: Any) -> Iterator[Break]:
    """A day exists, and an end comes after its beginning.

    A waiver until 30 February ends never, or at once, by reader.

    Write a day of the calendar; `until` lies after `when`.
    """
    for pointer, key, text in _dates(policy):
        if _day(text) is None:
            yield Break((*pointer, key), f"{text} is no day of the calendar", "mend the day or the month")
    for pointer, entry in entries(policy, "attestations"):
        when, until = _day(entry.get("when")), _day(entry.get("until"))
        if when and until and until < when:
            yield Break((*pointer, "until"), "it ends before it was seen", "give a later day than `when`")


@rule("policy-expired", "checklist", severity=Severity.WARNING, daily=True)
def policy_expired(policy: Any) -> Iterator[Break]:
    """No waiver or attestation has expired.

    After its end it counts no longer: the item beneath is judged as it is.

    Remove it, or have whoever owns it look again and give a new end.
    """
    today = datetime.now(UTC).date()
    for name, key in _LISTS:
        for pointer, entry in entries(policy, name):
            day = _day(entry.get(key))
            if day is not None and day < today:
                message = f"the {name[:-1]} of {shown(entry.get('id'))} ended on {day}"
                yield Break((*pointer, key), message, "remove it, or look again and give a new end")


@rule("policy-twice", "checklist")
def policy_twice(policy: Any) -> Iterator[Break]:
    """An item is waived, or attested, once.

    Of two waivers of one item over the same paths nobody can say which reason holds and which end counts.

    Keep one of them, or give each a `scope` of its own.
    """
    for name, _key in _LISTS:
        seen: set[tuple[str, str]] = set()
        for pointer, entry in entries(policy, name):
            what = (str(entry.get("id")), str(entry.get("scope")))
            if what in seen and "id" in entry:
                message = f"{shown(entry['id'])} has {_article(name)} already"
                yield Break((*pointer, "id"), message, "keep one of them, or give each a `scope`")
            seen.add(what)


def _article(name: str) -> str:
    return "a waiver" if name == "waivers" else "an attestation"


def _dates(policy: Any) -> Iterator[tuple[Pointer, str, str]]:
    for name, _key in _LISTS:
        for pointer, entry in entries(policy, name):
            for key in ("expires", "when", "until"):
                if isinstance(entry.get(key), str):
                    yield pointer, key, entry[key]


def _day(text: Any) -> date | None:
    try:
        return date.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
