"""What a check answers, before it becomes a finding of the report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Sized
from dataclasses import dataclass

from agentctl.results import Confidence, Location, Verdict

SHOWN = 5  # places that a report shows of an item
_NAMES = 3
MOST = 1_000  # places that are kept of what is wrong, for scopes of waivers and for baselines


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The verdict of one check; ``scope`` where it is not the Python files that were read, empty for none."""

    verdict: Verdict
    message: str
    hint: str | None = None
    evidence: tuple[Location, ...] = ()
    confidence: Confidence = Confidence.HIGH
    scope: str | None = None


def passed(
    message: str, evidence: Iterable[Location], *, confidence: Confidence = Confidence.HIGH, scope: str | None = None
) -> Answer:
    """Return a pass; evidence with a place is required."""
    places = tuple(evidence)[:SHOWN]
    return Answer(verdict=Verdict.PASS, message=message, evidence=places, confidence=confidence, scope=scope)


def failed(
    message: str, hint: str, evidence: Iterable[Location] = (), *, confidence: Confidence = Confidence.HIGH,
    scope: str | None = None,
) -> Answer:  # fmt: skip
    """Return a violation, or an absence where the search space is closed."""
    return Answer(verdict=Verdict.FAIL, message=message, hint=hint, evidence=tuple(evidence)[:MOST],
                  confidence=confidence, scope=scope)  # fmt: skip


def weak(
    message: str, hint: str, evidence: Iterable[Location] = (), *, confidence: Confidence = Confidence.HIGH,
    scope: str | None = None,
) -> Answer:  # fmt: skip
    """Return evidence that is there but weak or partial."""
    return Answer(verdict=Verdict.WARN, message=message, hint=hint, evidence=tuple(evidence)[:MOST],
                  confidence=confidence, scope=scope)  # fmt: skip


def unknown(message: str, hint: str, evidence: Iterable[Location] = (), *, scope: str | None = None) -> Answer:
    """Return that nothing was found where it could be elsewhere; the hint says what would settle it."""
    return Answer(verdict=Verdict.UNKNOWN, message=message, hint=hint, evidence=tuple(evidence)[:SHOWN],
                  confidence=Confidence.MEDIUM, scope=scope)  # fmt: skip


def unasked(message: str, hint: str) -> Answer:
    """Return that no evidence is here and that a person has to answer."""
    return Answer(verdict=Verdict.MANUAL, message=message, hint=hint, confidence=Confidence.MEDIUM, scope="")


def not_applicable(reason: str, evidence: Iterable[Location] = ()) -> Answer:
    """Return that the question cannot apply, and why."""
    return Answer(verdict=Verdict.NOT_APPLICABLE, message=reason, evidence=tuple(evidence)[:SHOWN])


def bound(settings: Mapping[str, object], name: str, default: float) -> float:
    """Return a bound that the policy sets, else the default."""
    value = settings.get(name)
    return float(value) if isinstance(value, (int, float)) else default


def counted(items: Sized | int, noun: str) -> str:
    """Return ``1 route`` or ``3 routes``."""
    number = items if isinstance(items, int) else len(items)
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def named(names: Sequence[str]) -> str:
    """Return ``a, b, c and 2 more``."""
    more = len(names) - _NAMES
    return ", ".join(names[:_NAMES]) + (f" and {more} more" if more > 0 else "")


def places(items: Sequence[object]) -> list[Location]:
    """Return the places of calls, functions, classes, handlers or routes."""
    return [place(item) for item in items]


def place(item: object) -> Location:
    """Return the place of anything with a path (or source), a line and a name."""
    path = getattr(item, "path", None)
    source = getattr(item, "source", None)
    symbol = getattr(item, "name", None) or getattr(item, "handler", None) or None
    return Location(path=str(source or path), line=getattr(item, "line", None), symbol=symbol and str(symbol))
