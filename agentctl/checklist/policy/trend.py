"""What became better and what became worse since a revision."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from agentctl.checklist.policy.figures import shares
from agentctl.results import Figure, Finding, Series, Table, Verdict

# Answered from runs or from history, neither of which a revision carries; so is what a guide wants done.
NOT_COMPARED = frozenset({"TS02", "TS08", "TS09", "CF03", "CF04"})
_ORDER = (Verdict.ERROR, Verdict.FAIL, Verdict.UNKNOWN, Verdict.MANUAL, Verdict.WARN, Verdict.WAIVED,
          Verdict.ATTESTED, Verdict.PASS)  # fmt: skip
_DAY = 86_400


def table(before: Iterable[Finding], now: Iterable[Finding], name: str) -> Table:
    """Return the items whose verdict differs, what became worse first; ``before`` holds what can be compared."""
    was = {result.id: result.verdict for result in before}
    rows = [
        (_word(was[result.id], result.verdict), result.id, result.title, was[result.id].value, result.verdict.value)
        for result in now
        if result.id in was and was[result.id] is not result.verdict
    ]
    ordered = sorted(rows, key=lambda row: ("worse", "better", "other").index(row[0]))
    columns = ("change", "item", "title", name, "now")
    return Table(title=f"Since {name}", columns=columns, rows=tuple(ordered))


def figures(
    before: Sequence[Finding], now: Sequence[Finding], since: int, weights: Mapping[str, float]
) -> tuple[tuple[Figure, ...], tuple[Series, ...]]:
    """Return how the two figures moved over what ``before`` holds: per cent, and days since the revision."""
    asked = {result.id for result in before}
    then, today = shares(before, weights), shares((one for one in now if one.id in asked), weights)
    days = max(0.0, (datetime.now(UTC).timestamp() - since) / _DAY)
    pairs = [(one.name, one.value, two.value) for one, two in zip(then, today, strict=True)]
    known = [(name, float(one), float(two)) for name, one, two in pairs if one is not None and two is not None]
    moved = tuple(
        Figure(name=f"{name}_change", value=round(two - one, 1), label=f"{name}, points since then")
        for name, one, two in known
    )
    series = tuple(
        Series(name=name, points=((0.0, one), (round(max(days, 0.001), 3), two)), unit="%", x_unit="d")
        for name, one, two in known
    )
    return moved, series


def _word(was: Verdict, now: Verdict) -> str:
    if Verdict.NOT_APPLICABLE in {was, now}:
        return "other"
    return "better" if _ORDER.index(now) > _ORDER.index(was) else "worse"
