"""Two figures, never one: how much is verified, and how much is decided at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from agentctl.checklist.items import ITEMS
from agentctl.results import Figure, Finding, Verdict

DECIDED = frozenset({Verdict.PASS, Verdict.FAIL, Verdict.WARN, Verdict.ATTESTED})
_VERIFIED = {Verdict.PASS: 1.0, Verdict.WARN: 0.5}


def weight(id_: str, weights: Mapping[str, float] | None = None) -> float:
    """Return what an item counts for: as the policy says, else by its tier; nothing for what is no item."""
    item = ITEMS.get(id_)
    return 0.0 if item is None else (weights or {}).get(id_, item.weight)


def shares(results: Iterable[Finding], weights: Mapping[str, float] | None = None) -> tuple[Figure, Figure]:
    """Return verified % and decided % of the applicable weight.

    ``warn`` counts half, ``attested`` is decided but not verified; what is unknown, manual, waived or an error stays in
    the denominator, ``n/a`` does not.
    """
    applicable = verified = decided = 0.0
    for result in results:
        if result.verdict is not Verdict.NOT_APPLICABLE:
            counts = weight(result.id, weights)
            applicable += counts
            verified += counts * _VERIFIED.get(result.verdict, 0.0)
            decided += counts if result.verdict in DECIDED else 0.0
    return (
        Figure(name="verified", value=_share(verified, applicable), unit="%", label="verified"),
        Figure(name="decided", value=_share(decided, applicable), unit="%", label="decided"),
    )


def _share(part: float, whole: float) -> float | None:
    return round(100 * part / whole, 1) if whole else None
