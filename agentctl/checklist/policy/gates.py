"""What makes the answer no: verdicts, a tier, the policy's thresholds."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from agentctl.checklist.items import ITEMS
from agentctl.checklist.policy.figures import DECIDED
from agentctl.checklist.policy.model import Policy
from agentctl.checklist.policy.profiles import TIERS
from agentctl.errors import EXIT_NO, EXIT_NO_ANSWER, EXIT_YES, UsageError
from agentctl.results import Figure, Finding, Severity, Verdict

FAIL_ON = ("fail", "warn", "unknown", "new", "tier")
_LEAST = 10.0  # per cent decided
_REACHED = frozenset({Verdict.PASS, Verdict.ATTESTED, Verdict.WAIVED, Verdict.NOT_APPLICABLE})


@dataclass(frozen=True, kw_only=True)
class Gate:
    """What was asked for: ``fail_on`` is one of ``FAIL_ON``, ``tier`` the one to reach, ``new`` the ids that count."""

    fail_on: str
    tier: str
    report_only: bool = False
    new: frozenset[str] | None = None


def gate(fail_on: str | None, tier: str | None, *, report_only: bool, compared: bool) -> Gate:
    """Check what was asked for.

    Args:
        fail_on: One of ``FAIL_ON``; None for the tier where one is named, else for ``fail``.
        tier: Development, staging or production.
        report_only: Exit 0 whatever was found, as long as something was decided.
        compared: There is a baseline or a revision that tells what is new.

    Raises:
        UsageError: There is no such verdict or tier, or nothing tells what is new.
    """
    if tier is not None and tier not in TIERS:
        raise UsageError(f"--tier {tier}: unknown", hint=f"choose one of {', '.join(TIERS)}")
    if fail_on is not None and fail_on not in FAIL_ON:
        raise UsageError(f"--fail-on {fail_on}: unknown", hint=f"choose one of {', '.join(FAIL_ON)}")
    if fail_on == "new" and not compared:
        raise UsageError(
            "--fail-on new: there is nothing to compare with", hint="add --baseline FILE, or --against REF"
        )
    if tier is not None and fail_on not in {None, "tier"}:
        message = f"--tier {tier} gates by itself: it does not go with --fail-on {fail_on}"
        raise UsageError(message, hint="leave one out")
    return Gate(fail_on=fail_on or ("tier" if tier else "fail"), tier=tier or TIERS[-1], report_only=report_only)


def below(results: Iterable[Finding], tier: str) -> list[Finding]:
    """Return the findings that keep a tier from being reached: of its items and those of the tiers below."""
    bar = of_tier(tier)
    return [one for one in results if one.id in bar and one.verdict not in _REACHED]


def of_tier(tier: str) -> frozenset[str]:
    """Return the ids of a tier's items and of those of the tiers below."""
    bar = TIERS[: TIERS.index(tier) + 1]
    return frozenset(id_ for id_, item in ITEMS.items() if item.tier in bar)


def reached(results: Sequence[Finding]) -> Figure | None:
    """Return the highest tier whose items, and those below it, all hold; None unless every item was asked."""
    if not {result.id for result in results} >= ITEMS.keys():
        return None
    held = [tier for tier in TIERS if not below(results, tier)]
    return Figure(name="tier", value=held[-1] if held else "none", label="tier reached")


def thresholds(figures: Iterable[Figure], policy: Policy) -> list[Finding]:
    """Return how the two figures stand to what the policy asks for."""
    return [_threshold(figure, policy) for figure in figures if figure.name in policy.thresholds]


def stopped(results: Sequence[Finding], gate: Gate) -> list[Finding]:
    """Return the findings that make the answer no."""
    own = [one for one in results if one.id not in ITEMS and one.verdict is Verdict.FAIL]
    if gate.fail_on == "tier":
        return [*own, *below(results, gate.tier)]
    if gate.fail_on == "new":
        return [*own, *(one for one in results if one.verdict is Verdict.FAIL and one.id in (gate.new or ()))]
    return [one for one in results if one.verdict in _levels(gate.fail_on)]


def weighed(result: Finding, gate: Gate) -> Finding:
    """Return a finding with its weight: where only what is new counts, what is known is mere advice."""
    counts = gate.fail_on != "new" or result.id not in ITEMS or result.id in (gate.new or ())
    open_ = result.verdict in {Verdict.FAIL, Verdict.WARN}
    return result if counts or not open_ else replace(result, severity=Severity.ADVICE)


def exit_code(results: Sequence[Finding], decided: Figure, gate: Gate) -> int:
    """Return 0 for yes, 1 for no, 3 where next to nothing was decided or a check itself failed.

    Args:
        results: The verdicts.
        decided: How much of them is decided, in per cent of their weight.
        gate: What was asked for.
    """
    verdicts = {result.verdict for result in results if result.id in ITEMS}
    if not verdicts & DECIDED:
        return EXIT_NO_ANSWER
    if gate.report_only:
        return EXIT_YES
    if stopped(results, gate):
        return EXIT_NO
    return EXIT_NO_ANSWER if Verdict.ERROR in verdicts or too_little(decided) else EXIT_YES


def too_little(decided: Figure) -> bool:
    """Return whether so little is decided that the rest could not be called fit."""
    return isinstance(decided.value, (int, float)) and decided.value < _LEAST


def _levels(fail_on: str) -> Collection[Verdict]:
    levels = {Verdict.FAIL}
    if fail_on in {"warn", "unknown"}:
        levels.add(Verdict.WARN)
    return levels | ({Verdict.UNKNOWN, Verdict.ERROR} if fail_on == "unknown" else set())


def _threshold(figure: Figure, policy: Policy) -> Finding:
    least = policy.thresholds[figure.name]
    value = figure.value if isinstance(figure.value, (int, float)) else None
    held = value is not None and value >= least
    told = "nothing" if value is None else f"{value:g} %"
    return Finding(
        id=f"threshold-{figure.name}",
        title=f"Least share {figure.name}",
        verdict=Verdict.PASS if held else Verdict.FAIL,
        severity=Severity.ADVICE if held else Severity.ERROR,
        message=f"{told} is {figure.name}, the policy asks for {least:g} %",
        hint=None if held else "settle what is open, heaviest first: the next steps name it",
        evidence=(policy.places[figure.name],),
        group="Policy",
    )
