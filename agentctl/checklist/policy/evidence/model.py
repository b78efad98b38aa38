"""What a file that a run left says, before it is known whether it is still about today's content."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

COVERAGE, TESTS, LOAD, BENCHMARK, SCAN = "coverage", "test", "loadtest", "benchmark", "scan"


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One report of a run.

    Attributes:
        kind: ``COVERAGE``, ``TESTS``, ``LOAD``, ``BENCHMARK`` or ``SCAN``.
        verdict: ``pass``, ``fail`` or ``invalid``, as the run itself saw it or as its figures say.
        when: Seconds since the epoch, from inside the report; None when it does not say.
        commit: The commit that it says it ran on.
        listed: The files that it is about, as it calls them: each with the names that it may have in the tree.
        figures: As a record has them.
        details: As a record has them.
    """

    kind: str
    verdict: str
    when: float | None = None
    commit: str | None = None
    listed: tuple[tuple[str, ...], ...] = ()
    figures: Mapping[str, float] = field(default_factory=dict)
    details: Mapping[str, Any] = field(default_factory=dict)


class NotOursError(Exception):
    """The file is not of this kind, or is damaged; the message says what is wrong with it."""
