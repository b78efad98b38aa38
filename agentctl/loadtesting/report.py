"""Draw the report of a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import chain

from agentctl.errors import EXIT_NO, EXIT_NO_ANSWER, EXIT_YES
from agentctl.loadtesting import units
from agentctl.loadtesting.judgement import Judgement
from agentctl.loadtesting.measurement import RATE_LIMITED, Measurement, Sample, Tally
from agentctl.loadtesting.metering import Usage
from agentctl.loadtesting.plan import Plan
from agentctl.results import Figure, Finding, Report, Section, Series, Table, Verdict

EXIT = {Verdict.PASS: EXIT_YES, Verdict.FAIL: EXIT_NO, Verdict.INVALID: EXIT_NO_ANSWER}
_WORD = {Verdict.PASS: "passed", Verdict.FAIL: "failed", Verdict.INVALID: "invalid"}


@dataclass(frozen=True, kw_only=True)
class Run:
    """All that a finished run left.

    Attributes:
        subject: What was driven, for the report's head.
        plan: What was asked.
        measured: What came of it.
        samples: One a second.
        usage: Seconds and what the server used, where it was ours.
        notes: Remarks for a person.
        sections: What the server said, where that explains the answer.
    """

    subject: str
    plan: Plan
    measured: Measurement
    samples: Sequence[Sample] = ()
    usage: Sequence[tuple[float, Usage]] = ()
    notes: tuple[str, ...] = ()
    sections: tuple[Section, ...] = ()


def report(run: Run, judgement: Judgement) -> Report:
    """Return the report of a finished run."""
    return Report(
        command="loadtest",
        verdict=judgement.verdict,
        exit_code=EXIT[judgement.verdict],
        summary=_summary(run, judgement),
        subject=run.subject,
        figures=tuple(figures(run.measured)),
        results=judgement.findings,
        series=tuple(_series(run)),
        tables=(_requests(run.measured), _answers(run.measured)),
        sections=run.sections,
        notes=(*run.notes, *_notes(run)),
        next_steps=tuple(_next_steps(run, judgement)),
    )


def no_run(verdict: Verdict, subject: str, cause: str, *, lines: Iterable[str] = (), hint: str = "") -> Report:
    """Return the report of a run that could not take place: a server that never got ready, a target that is gone."""
    finding = Finding(id="target", title="Does the target answer?", verdict=verdict, message=cause, hint=hint or None)
    return Report(
        command="loadtest",
        verdict=verdict,
        exit_code=EXIT[verdict],
        summary=f"{_WORD[verdict]}: {cause}",
        subject=subject,
        results=(finding,),
        sections=said(lines),
    )


def said(lines: Iterable[str]) -> tuple[Section, ...]:
    """Return what the server said last as a section, or nothing."""
    kept = tuple(lines)
    return (Section(title="The server's last lines", lines=kept),) if kept else ()


def figures(measured: Measurement) -> Iterable[Figure]:
    """Return the numbers of a run; times in seconds, from when each request was due."""
    whole = measured.all
    yield Figure(name="requests", value=measured.completed, label="requests")
    yield Figure(name="success_rate", value=_rounded(measured.success_rate, 4), unit="%", label="success rate")
    yield Figure(name="rate", value=_rounded(measured.rate, 4), unit="1/s", label="rate")
    yield Figure(name="mean", value=_rounded(whole.success.mean), unit="s", label="mean of the successes")
    for name, percent in (("p50", 50.0), ("p90", 90.0), ("p95", 95.0), ("p99", 99.0)):
        yield Figure(name=name, value=_rounded(whole.latency.percentile(percent)), unit="s")
    yield Figure(name="max", value=_rounded(whole.latency.highest), unit="s")
    yield Figure(name="service_p95", value=_rounded(whole.service.percentile(95)), unit="s", label="p95 from sending")
    yield Figure(name="rate_limited", value=measured.rate_limited, label="answers 429")
    yield Figure(
        name="generator_lag_p99", value=_rounded(measured.lag.percentile(99)), unit="s", label="sent late, p99"
    )
    yield Figure(name="generator_cpu", value=_rounded(measured.utilisation, 2), unit="%", label="generator CPU")


def _rounded(value: float | None, digits: int = 6) -> float | None:
    return None if value is None else round(value, digits)


def _summary(run: Run, judgement: Judgement) -> str:
    whole, measured = run.measured.all, run.measured
    p95 = whole.latency.percentile(95)
    facts = [f"{measured.completed} requests at {units.show_rate(measured.rate)}"]
    if measured.success_rate is not None:
        facts.append(f"{units.show_percent(measured.success_rate)} succeeded")
    if p95 is not None:
        facts.append(f"p95 {units.show_seconds(p95)}")
    cause = f"{judgement.cause} (" if judgement.cause else ""
    return f"{_WORD[judgement.verdict]}: {cause}{', '.join(facts)}{')' if cause else ''}"


def _series(run: Run) -> Iterable[Series]:
    samples = run.samples
    yield Series(name="rate", unit="1/s", points=tuple((one.at, float(one.completed)) for one in samples))
    yield Series(name="failed", unit="1/s", points=tuple((one.at, float(one.failed)) for one in samples))
    limit = next((gate.limit for gate in run.plan.gates if gate.metric == "p95"), None)
    tails = tuple((one.at, one.p95) for one in samples if one.p95 is not None)
    yield Series(name="p95", unit="s", points=tails, limit=limit)
    yield Series(name="in_flight", points=tuple((one.at, float(one.in_flight)) for one in samples))
    if run.usage:
        yield Series(name="server_cpu", unit="%", points=tuple((at, usage.cpu) for at, usage in run.usage))
        yield Series(name="server_memory", unit="B", points=tuple((at, float(usage.memory)) for at, usage in run.usage))


def _requests(measured: Measurement) -> Table:
    columns = ("request", "count", "success", "mean", "p50", "p95", "p99")
    rows = [_row(name, tally) for name, tally in measured.tallies.items()]
    return Table(title="Requests", columns=columns, rows=tuple(rows))


def _row(name: str, tally: Tally) -> tuple[str, ...]:
    success = units.show_percent(100 * tally.successes / tally.count) if tally.count else "-"
    times = [tally.success.mean, *(tally.latency.percentile(percent) for percent in (50, 95, 99))]
    shown = ("-" if seconds is None else units.show_seconds(seconds) for seconds in times)
    return (name, str(tally.count), success, *shown)


def _answers(measured: Measurement) -> Table:
    whole = measured.all
    counted = chain(
        ((_status_words(status), count) for status, count in sorted(whole.statuses.items())),
        ((error, count) for error, count in whole.errors.most_common()),
        [("never sent: the in-flight cap was full", measured.unsent)] if measured.unsent else [],
    )
    return Table(title="Answers", columns=("answer", "count"), rows=tuple((name, str(n)) for name, n in counted))


def _status_words(status: int) -> str:
    from http import HTTPStatus

    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _notes(run: Run) -> Iterable[str]:
    plan, measured = run.plan, run.measured
    if plan.health_only:
        yield "every request went to a health route: this proves nothing about the agent"
    if plan.cut:
        yield f"--max-requests ended the plan at {plan.schedule.total} requests"
    if measured.filled:
        yield f"the target was full: {plan.max_in_flight} requests (rate x timeout) were under way at once"
    if measured.rate_limited:
        yield f"{measured.rate_limited} of {measured.completed} answers were 429: the target's own rate limit"
    redirects = sum(count for status, count in measured.all.statuses.items() if 300 <= status < 400)  # noqa: PLR2004
    if redirects:
        yield f"{redirects} answers were redirects, which count as failures: drive the route that they lead to"


def _next_steps(run: Run, judgement: Judgement) -> Iterable[str]:
    if judgement.verdict is Verdict.FAIL:
        yield from _mends(run, {one.id for one in judgement.gates if one.verdict is Verdict.FAIL})
    if judgement.verdict is Verdict.INVALID:
        yield "lower --rate, or give the machine's cores to the run, and repeat it"
    if run.plan.health_only:
        yield "drive the agent's main route: --path, or [[tool.agentctl.loadtest.requests]]"


def _mends(run: Run, missed: AbstractSet[str]) -> Iterable[str]:
    """Yield what to do about the gates that were missed."""
    if run.measured.rate_limited:
        yield "raise the limit in the load environment, or use more identities: [tool.agentctl.loadtest] tokens"
    worst = _worst(run.measured.all)
    if "gate:success" in missed and worst:
        yield f"look in the server's log for what failed most: {worst}"
    if missed - {"gate:success"}:
        rate = run.plan.schedule.rate
        yield f"find the rate that it holds: repeat the run with --rate {rate / 2:g}, then between that and {rate:g}"


def _worst(whole: Tally) -> str:
    """Return the commonest answer or error that is a failure of the target itself, with its count."""
    blamed = {status: count for status, count in whole.statuses.items() if status >= 400 and status != RATE_LIMITED}  # noqa: PLR2004
    counted = Counter({_status_words(status): count for status, count in blamed.items()}) + whole.errors
    return next((f"{name} ({count} times)" for name, count in counted.most_common(1)), "")
