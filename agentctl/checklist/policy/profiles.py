"""Which items are asked, and how strictly: the profile, and what the command line picks from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from agentctl.checklist import checks
from agentctl.checklist.items import FAMILIES, ITEMS, WEIGHTS, Item
from agentctl.checklist.policy import guides
from agentctl.checklist.policy.model import Policy
from agentctl.documents.words import nearest
from agentctl.errors import UsageError
from agentctl.results import Finding, Table, Verdict

PRODUCTION = "production"
PROFILES = (PRODUCTION, "all", "guide-0", "guide-1", "guide-2", "guide-3", "guide-4")
TIERS = tuple(WEIGHTS)
_COVERAGE = {"guide-1": 80.0}  # the one guide that asks for less than the rest
_HOLDS = frozenset({Verdict.PASS, Verdict.ATTESTED, Verdict.NOT_APPLICABLE})
_WORST = (Verdict.FAIL, Verdict.ERROR, Verdict.WARN, Verdict.UNKNOWN, Verdict.MANUAL, Verdict.WAIVED,
          Verdict.ATTESTED, Verdict.PASS, Verdict.NOT_APPLICABLE)  # fmt: skip


def chosen(profile: str | None, policy: Policy) -> str:
    """Return the profile: the command line's, else the policy's, else production.

    Raises:
        UsageError: There is none of that name.
    """
    name = profile or policy.profile or PRODUCTION
    if name not in PROFILES:
        raise UsageError(f"--profile {name}: unknown", hint=f"choose one of {', '.join(PROFILES)}")
    return name


def wanted(only: Sequence[str], profile: str) -> list[str]:
    """Return the ids to ask: all of the profile, or those (and families) that ``only`` names.

    Raises:
        UsageError: ``only`` names what there is not.
    """
    names = [word.strip().upper() for part in only for word in part.split(",") if word.strip()]
    for name in names:
        _check_known(name)
    if names:
        return [id_ for id_ in ITEMS if id_ in names or id_[:2] in names]
    return [item.id for item in ITEMS.values() if holds(item, profile)]


def holds(item: Item, profile: str) -> bool:
    """Return whether a profile asks for an item."""
    return not profile.startswith("guide-") or profile.removeprefix("guide-") in item.guides


def settings(given: Mapping[str, Any], policy: Policy, profile: str) -> dict[str, Any]:
    """Return what the checks read: the project's settings, and over them the bounds of profile and policy."""
    bounds = {name: value for name, value in policy.thresholds.items() if name not in {"verified", "decided"}}
    floor = bounds.pop("coverage", _COVERAGE.get(profile))
    own = {} if policy.given else dict(given)
    return {**own, **bounds, **({} if floor is None else {"coverage_floor": floor})}


def line_by_line(profile: str, results: Iterable[Finding]) -> Table | None:
    """Return a guide's own checklist with the verdict of each line, the worst of its items; None for no guide."""
    verdicts = {result.id: result.verdict for result in results}
    asked = [line for line in guides.lines().get(profile, ()) if all(id_ in verdicts for id_ in line.items)]
    if not asked:
        return None
    rows = [(line.words, " ".join(line.items), _worst(verdicts[id_] for id_ in line.items)) for line in asked]
    held = sum(all(verdicts[id_] in _HOLDS for id_ in line.items) for line in asked)
    number = profile.removeprefix("guide-")
    return Table(title=f"Guide {number}: {held} of {len(rows)} lines hold", columns=("line", "items", "verdict"),
                 rows=tuple(rows))  # fmt: skip


def _worst(verdicts: Iterable[Verdict]) -> str:
    return min(verdicts, key=_WORST.index).value


def _check_known(name: str) -> None:
    if name in FAMILIES or name in ITEMS:
        return
    close = nearest(name, [*checks.all_checks(), *FAMILIES])
    hint = f"did you mean {close}?" if close else "agentctl checklist --list shows them"
    raise UsageError(f"--only {name}: there is no such item", hint=hint)
