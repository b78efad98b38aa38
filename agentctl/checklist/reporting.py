"""From findings to the report: figures, tables, the answer, and what to do next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from agentctl.checklist import checks
from agentctl.checklist.answer import SHOWN, counted, named
from agentctl.checklist.comparison import Before
from agentctl.checklist.items import ITEMS, Item
from agentctl.checklist.policy import gates, profiles, trend
from agentctl.checklist.policy.figures import shares, weight
from agentctl.checklist.policy.gates import Gate
from agentctl.checklist.policy.model import Policy
from agentctl.errors import EXIT_NO, EXIT_YES
from agentctl.results import Figure, Finding, Report, Severity, Verdict

_WORST = (Verdict.FAIL, Verdict.ERROR, Verdict.WARN, Verdict.UNKNOWN, Verdict.MANUAL)
_STEPS = 5


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What one tree, or one project of it, came to: findings with all of their places, and what judges them."""

    name: str
    results: tuple[Finding, ...]
    notes: tuple[str, ...]
    profile: str
    policy: Policy
    gate: Gate


def report(one: Outcome, *, before: Before | None = None, projects: tuple[Report, ...] = ()) -> Report:
    """Return the report of a tree, with what became of it since a revision and with the reports of its projects."""
    pair = shares(one.results, one.policy.weights)
    results = (*one.results, *gates.thresholds(pair, one.policy))
    failed = any(part.exit_code == EXIT_NO for part in projects)
    code = EXIT_NO if failed else gates.exit_code(results, pair[1], one.gate)
    stopped = bool(gates.stopped(results, one.gate)) or any(part.verdict is Verdict.FAIL for part in projects)
    verdict = {EXIT_YES: Verdict.PASS, EXIT_NO: Verdict.FAIL}.get(code, Verdict.INVALID)
    if one.gate.report_only and code == EXIT_YES and stopped:
        verdict = Verdict.FAIL
    line_by_line = profiles.line_by_line(one.profile, results)
    whole = Report(
        command="checklist",
        verdict=verdict,
        exit_code=code,
        subject=one.name,
        summary=_summary(one, results, pair, projects),
        figures=(*pair, *filter(None, [gates.reached(results)])),
        results=tuple(_shown(gates.weighed(result, one.gate)) for result in results),
        tables=(line_by_line,) if line_by_line else (),
        notes=one.notes,
        next_steps=_next_steps(one, results, projects),
        projects=projects,
    )
    return whole if before is None else _since(whole, one, before)


def listing(profile: str) -> Report:
    """Return the catalogue: which items there are, and which of them are answered today."""
    automated = checks.all_checks()
    return Report(
        command="checklist",
        verdict=Verdict.PASS,
        exit_code=EXIT_YES,
        summary=f"{len(automated)} of {len(ITEMS)} items of the catalogue are checked today",
        results=tuple(_listed(item) for item in ITEMS.values() if profiles.holds(item, profile)),
        next_steps=("agentctl explain ID",),
    )


def _listed(item: Item) -> Finding:
    if item.id in checks.all_checks():
        verdict, message = Verdict.PASS, f"automated: {_question(item)}"
    else:
        verdict, message = Verdict.MANUAL, "answered by a person"
    return Finding(id=item.id, title=item.title, verdict=verdict, severity=Severity.ADVICE,
                   message=f"{message} ({item.tier})", group=item.family)  # fmt: skip


def _question(item: Item) -> str:
    return (checks.all_checks()[item.id].__doc__ or item.title).strip().splitlines()[0]


def _since(whole: Report, one: Outcome, before: Before) -> Report:
    figures, series = trend.figures(before.results, one.results, before.when, one.policy.weights)
    table = trend.table(before.results, one.results, before.name)
    asked, compared = sum(result.id in ITEMS for result in one.results), len(before.results)
    words = f"Compared with {before.name}: {compared} of {asked} items; what only runs and releases answer is left out."
    return replace(
        whole,
        figures=(*whole.figures, *figures),
        series=(*whole.series, *series),
        tables=(*whole.tables, *((table,) if table.rows else ())),
        notes=(
            *whole.notes,
            *((words,) if compared < asked else ()),
            *(() if table.rows else (f"No verdict changed since {before.name}.",)),
        ),
    )


def _shown(result: Finding) -> Finding:
    return replace(result, evidence=result.evidence[:SHOWN]) if len(result.evidence) > SHOWN else result


def _summary(
    one: Outcome, results: Sequence[Finding], pair: tuple[Figure, Figure], projects: tuple[Report, ...]
) -> str:
    verified, decided = pair
    items = [result for result in results if result.id in ITEMS]
    counts = {kind: sum(result.verdict is kind for result in items) for kind in Verdict}
    told = ", ".join(f"{count} {kind.value}" for kind, count in counts.items() if count)
    words = f"{one.name}: verified {_percent(verified)}, decided {_percent(decided)} ({told})"
    if gates.too_little(decided):
        words += "; too little is decided to call it fit"
    if one.gate.fail_on == "tier" or one.gate.tier != profiles.TIERS[-1]:
        words += f"; {_far(results, one.gate.tier)}"
    if one.gate.fail_on == "new":
        fresh = [result.id for result in gates.stopped(results, one.gate)]
        words += f"; fails anew: {named(fresh)}" if fresh else "; nothing fails anew"
    failed = [part.subject for part in projects if part.exit_code == EXIT_NO]
    told = f", {len(failed)} of them not fit: {named(failed)}" if failed else ""
    return f"{words}; {counted(projects, 'project')}{told}" if projects else words


def _far(results: Sequence[Finding], tier: str) -> str:
    left = gates.below(results, tier)
    if left:
        return f"{tier} is {counted(left, 'item')} away"
    missing = gates.of_tier(tier) - {result.id for result in results}
    return f"{tier} is reached, but for {counted(missing, 'item')} not asked" if missing else f"{tier} is reached"


def _percent(figure: Figure) -> str:
    return "nothing" if figure.value is None else f"{figure.value:g} %"


def _next_steps(one: Outcome, results: Sequence[Finding], projects: Iterable[Report]) -> tuple[str, ...]:
    """Return the five most useful deeds.

    What makes the answer no comes first, then failures before warnings before unknowns, heavy items first.
    """
    stops = {result.id for result in gates.stopped(results, one.gate)}
    open_ = [r for r in results if r.id in ITEMS and (r.id in stops or r.verdict in _WORST[:-1])]
    ranked = sorted(
        open_, key=lambda r: (r.id not in stops, _WORST.index(r.verdict), -weight(r.id, one.policy.weights), r.id)
    )
    first: dict[str, Finding] = {}  # one deed may settle several items
    for r in ranked:
        if r.hint:
            first.setdefault(r.hint, r)
    steps = [f"{r.id} {r.title}: {r.hint}  (agentctl explain {r.id})" for r in first.values()]
    return tuple([*([] if stops else _of_projects(projects)), *steps][:_STEPS])


def _of_projects(projects: Iterable[Report]) -> list[str]:
    """Return the first deed of each project that fails what the whole does not."""
    return [f"{part.subject}: {step}" for part in projects if part.exit_code == EXIT_NO for step in part.next_steps[:1]]
