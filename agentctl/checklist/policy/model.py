"""The policy of a project: what people have decided about its checklist, each with its place in the file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fnmatch import fnmatchcase

from agentctl.results import Location

THRESHOLDS = ("verified", "decided", "coverage", "annotations", "docstrings", "failure_tests", "silent_handlers")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What every entry has.

    Attributes:
        number: Its place in its list, from 0.
        id: An id of the catalogue.
        until: The last day that it holds; None where the file names a day that no calendar has.
        place: Where it stands in the policy file.
    """

    number: int
    id: str
    until: date | None
    place: Location

    def holds(self, today: date) -> bool:
        """Return whether it counts today."""
        return self.until is not None and today <= self.until


@dataclass(frozen=True, kw_only=True)
class Waiver(Entry):
    """An item that need not hold, over some paths or (without a scope) everywhere."""

    reason: str
    owner: str
    scope: tuple[str, ...] = ()
    ticket: str | None = None

    def covers(self, path: str) -> bool:
        """Return whether a path lies in its scope: it fits a pattern, or lies in a folder that does."""
        return any(fnmatchcase(path, one) or fnmatchcase(path, f"{one.rstrip('/')}/*") for one in self.scope)


@dataclass(frozen=True, kw_only=True)
class Attestation(Entry):
    """An item that a person vouches for; ``when`` is the day that it was seen."""

    who: str
    when: date | None
    link: str | None = None
    note: str | None = None

    def holds(self, today: date) -> bool:
        """Return whether it counts today: seen, and not yet over."""
        return super().holds(today) and self.when is not None and self.when <= today


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What people have decided; empty without a file.

    Attributes:
        path: The file as reports name it; None without one.
        given: It was handed over (``--policy``) and replaces what the tree claims, its settings too.
        profile: Which items are asked, where the command line does not say.
        baseline: A file relative to the project, where the command line names none.
        weights: Item to what it counts for in place of its tier's weight.
        thresholds: Of ``THRESHOLDS``: per cent, and ``silent_handlers`` in 1,000 lines.
        places: Where the thresholds stand.
    """

    path: str | None = None
    given: bool = False
    profile: str | None = None
    baseline: str | None = None
    weights: Mapping[str, float] = field(default_factory=dict)
    thresholds: Mapping[str, float] = field(default_factory=dict)
    places: Mapping[str, Location] = field(default_factory=dict)
    waivers: Sequence[Waiver] = ()
    attestations: Sequence[Attestation] = ()
