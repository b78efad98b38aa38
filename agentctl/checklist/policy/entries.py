"""Waivers and attestations over findings: what is beneath stays visible, what does not hold is itself a finding."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from agentctl.checklist.policy.model import Attestation, Entry, Policy, Waiver
from agentctl.results import Confidence, Finding, Location, Severity, Verdict

EXPIRED, UNUSED, BAD_DATE = "policy-expired", "policy-unused", "policy-date"
GROUP = "Policy"
_SOON = 14  # days
_WAIVED = frozenset({Verdict.FAIL, Verdict.WARN, Verdict.UNKNOWN, Verdict.MANUAL, Verdict.ERROR})
_ATTESTED = frozenset({Verdict.WARN, Verdict.UNKNOWN, Verdict.MANUAL})


@dataclass(frozen=True, kw_only=True)
class Judged:
    """Findings under a policy, and the entries that were of use."""

    results: tuple[Finding, ...]
    used: frozenset[Location]


def judged(results: Iterable[Finding], policy: Policy, today: date, folder: str = "") -> Judged:
    """Put the policy over findings.

    Args:
        results: What the checks found; the evidence of failures is whole, so that a scope can be told.
        policy: What people have decided.
        today: The day to judge by.
        folder: The project's folder in a monorepo, for findings without a place; empty for the whole tree.
    """
    used: set[Location] = set()
    told = tuple(_one(result, policy, today, folder, used) for result in results)
    return Judged(results=told, used=frozenset(used))


def problems(policy: Policy, results: Collection[Finding], used: Collection[Location], today: date) -> list[Finding]:
    """Return what is wrong with the entries for items that were asked: expired, misdated, of no use."""
    asked = {result.id: result for result in results}
    entries = [entry for entry in (*policy.waivers, *policy.attestations) if entry.id in asked]
    return [found for entry in entries for found in _problem(entry, asked[entry.id], used, today)]


def ending(policy: Policy, used: Collection[Location], today: date) -> tuple[str, ...]:
    """Return which of the entries in use end within two weeks."""
    soon = today + timedelta(days=_SOON)
    found = [entry for entry in (*policy.waivers, *policy.attestations) if entry.place in used]
    return tuple(
        f"The {_kind(entry)} of {entry.id} ends on {entry.until} ({entry.place})."
        for entry in found
        if entry.until is not None and entry.until <= soon
    )


def _kind(entry: Entry) -> str:
    return "waiver" if isinstance(entry, Waiver) else "attestation"


def _one(result: Finding, policy: Policy, today: date, folder: str, used: set[Location]) -> Finding:
    if result.verdict in _WAIVED:
        for waiver in policy.waivers:
            if waiver.id == result.id and waiver.holds(today):
                left = _outside(result, waiver, folder)
                if left is not None:
                    used.add(waiver.place)
                    if not left:
                        return _waived(result, waiver)
                    result = _partly(result, left)
    if result.verdict in _ATTESTED:
        for attestation in policy.attestations:
            if attestation.id == result.id and attestation.holds(today):
                used.add(attestation.place)
                return _attested(result, attestation)
    return result


def _outside(result: Finding, waiver: Waiver, folder: str) -> tuple[Location, ...] | None:
    """Return the places that a waiver leaves open; None when it is about none of them."""
    if not waiver.scope:
        return ()
    if not result.evidence:
        return () if folder and waiver.covers(f"{folder}/") else None
    left = tuple(place for place in result.evidence if not waiver.covers(place.path))
    return None if len(left) == len(result.evidence) else left


def _partly(result: Finding, left: tuple[Location, ...]) -> Finding:
    waived = len(result.evidence) - len(left)
    message = f"{result.message} ({waived} of {len(result.evidence)} places waived)"
    return replace(result, evidence=left, message=message)


def _waived(result: Finding, waiver: Waiver) -> Finding:
    ticket = f" ({waiver.ticket})" if waiver.ticket else ""
    words = f"{result.verdict}, waived by {waiver.owner} until {waiver.until}: {waiver.reason}{ticket}"
    return replace(
        result,
        verdict=Verdict.WAIVED,
        beneath=result.verdict,
        severity=Severity.ADVICE,
        message=f"{words}. Beneath: {result.message}",
        evidence=(*result.evidence, waiver.place),
    )


def _attested(result: Finding, attestation: Attestation) -> Finding:
    words = f"attested by {attestation.who}, seen on {attestation.when}, until {attestation.until}"
    words += "".join(f", {text}" for text in (attestation.note, attestation.link) if text)
    return replace(
        result,
        verdict=Verdict.ATTESTED,
        beneath=result.verdict,
        severity=Severity.ADVICE,
        message=f"{words}. Beneath: {result.verdict}, {result.message}",
        hint=None,
        evidence=(attestation.place, *result.evidence),
        confidence=Confidence.MEDIUM,
    )


def _problem(entry: Entry, result: Finding, used: Collection[Location], today: date) -> Iterator[Finding]:
    kind = _kind(entry)
    if entry.until is None or (isinstance(entry, Attestation) and _misdated(entry, today)):
        yield _finding(BAD_DATE, f"the {kind} of {entry.id} does not count: {_why(entry, today)}",
                       "mend the day", entry.place)  # fmt: skip
    elif entry.until < today:
        yield _finding(EXPIRED, f"the {kind} of {entry.id} ended on {entry.until}",
                       "remove it, or look again and give a new end", entry.place)  # fmt: skip
    elif entry.place not in used:
        message = f"the {kind} of {entry.id} is of no use: {_idle(entry, result)}"
        yield _finding(UNUSED, message, "remove it", entry.place)


def _misdated(entry: Attestation, today: date) -> bool:
    return entry.when is None or entry.when > today


def _why(entry: Entry, today: date) -> str:
    when = entry.when if isinstance(entry, Attestation) else None
    if when is not None and when > today:
        return f"it says that it was seen on {when}, which is still to come"
    return "it names a day that no calendar has"


def _idle(entry: Entry, result: Finding) -> str:
    if result.verdict in {Verdict.PASS, Verdict.NOT_APPLICABLE}:
        return f"the item is {result.verdict} by itself"
    if isinstance(entry, Waiver) and entry.scope and result.verdict in _WAIVED:
        return f"nothing of what it finds lies in {', '.join(entry.scope)}"
    if result.verdict is Verdict.FAIL:
        return "what fails is there to be seen and cannot be attested away; mend it, or waive it with a reason"
    return f"the item is {result.verdict} already"


def _finding(id_: str, message: str, hint: str, place: Location) -> Finding:
    title = {EXPIRED: "Entry of the policy has ended", UNUSED: "Entry of the policy is of no use"}
    return Finding(
        id=id_,
        title=title.get(id_, "Entry of the policy has a wrong day"),
        verdict=Verdict.WARN,
        severity=Severity.WARNING,
        message=message,
        hint=hint,
        evidence=(place,),
        group=GROUP,
    )
