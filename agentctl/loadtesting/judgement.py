"""From what was measured to an answer: pass, fail, or invalid with its cause."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from agentctl.loadtesting import units
from agentctl.loadtesting.gates import PERCENTILES, Gate
from agentctl.loadtesting.measurement import LATE, Measurement
from agentctl.loadtesting.plan import MIN_SAMPLES
from agentctl.results import Finding, Verdict

MAX_LATE = 0.05  # share of the requests; above it the generator shapes the p95 that it reports
MAX_UTILISATION = 90.0  # percent of one core


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """The answer to a run.

    Attributes:
        verdict: PASS, FAIL or INVALID.
        cause: Why it is not PASS, one sentence; empty for PASS.
        gates: A finding for each gate.
        about: What else decided: the target's end, or why the run is invalid.
    """

    verdict: Verdict
    cause: str
    gates: tuple[Finding, ...]
    about: tuple[Finding, ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All of them, what decided first."""
        return (*self.about, *self.gates)


def judge(gates: Sequence[Gate], measured: Measurement, *, rate: float, death: str | None = None) -> Judgement:
    """Judge a run by its gates.

    A target that is slow, full, gone or answering errors fails. A run that says nothing about the target is invalid:
    its gates then carry no verdict either.

    Args:
        gates: The limits.
        measured: The run.
        rate: The planned rate per second.
        death: How the served target ended during the run, or None while it lives.
    """
    findings = tuple(_finding(gate, measured, rate) for gate in gates)
    if death is not None:
        cause = f"the server {death} during the run"
        gone = Finding(id="target", title="Does the target answer?", verdict=Verdict.FAIL, message=cause)
        return Judgement(verdict=Verdict.FAIL, cause=cause, gates=findings, about=(gone,))
    failed = [finding for finding in findings if finding.verdict is Verdict.FAIL]
    cause = _invalid(measured) or ("" if failed else _unmeasured(findings))
    if cause:
        void = tuple(replace(finding, verdict=Verdict.INVALID) for finding in findings)
        about = Finding(id="run", title="Does the run say anything?", verdict=Verdict.INVALID, message=cause)
        return Judgement(verdict=Verdict.INVALID, cause=cause, gates=void, about=(about,))
    if failed:
        return Judgement(verdict=Verdict.FAIL, cause=_missed(failed), gates=findings)
    return Judgement(verdict=Verdict.PASS, cause="", gates=findings)


def value(gate: Gate, measured: Measurement, rate: float) -> float | None:
    """Return what a gate measures, in the gate's unit; None without a sample."""
    whole = measured.all
    if gate.metric in PERCENTILES:
        return whole.latency.percentile(PERCENTILES[gate.metric]) if len(whole.latency) >= gate.samples else None
    if gate.metric == "mean":
        return whole.success.mean
    if gate.metric == "max":
        return whole.latency.highest if len(whole.latency) else None
    if gate.metric == "success":
        return measured.success_rate
    return 100 * measured.rate / rate if gate.unit == "%" else measured.rate


def _finding(gate: Gate, measured: Measurement, rate: float) -> Finding:
    found = value(gate, measured, rate)
    title = _TITLES.get(gate.metric, f"{gate.metric.removeprefix('p')}th percentile of the latency")
    if found is None:
        of = "successes" if gate.metric == "mean" else "requests"
        message = f"{gate.metric} could not be measured: too few {of}"
        return Finding(id=gate.id, title=title, verdict=Verdict.INVALID, message=message, group="gates")
    kept = gate.kept(found)
    sign = gate.operator if kept else _OPPOSITE[gate.operator]
    return Finding(
        id=gate.id,
        title=title,
        verdict=Verdict.PASS if kept else Verdict.FAIL,
        message=f"{gate.metric} {gate.show(found)}{gate.precision(found)} {sign} {gate.show(gate.limit)}",
        group="gates",
    )


_TITLES = {
    "p50": "median of the latency",
    "mean": "mean latency of the successes",
    "max": "longest latency",
    "success": "share of the requests that succeeded",
    "rate": "requests that ended per second",
}
_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}


def _invalid(measured: Measurement) -> str:
    """Return why the run says nothing about the target, or an empty text."""
    if measured.faults:
        return f"the generator failed: {measured.faults[0]}"
    if measured.stopped:
        return f"the run was cut short after {measured.sent} of {measured.planned} requests"
    if not measured.completed:
        return "no request was sent"
    if measured.completed + measured.unsent < MIN_SAMPLES:
        return f"{measured.completed} requests are too few to judge; at least {MIN_SAMPLES} are needed"
    if measured.utilisation > MAX_UTILISATION:
        return f"the generator used {measured.utilisation:.0f} % of its core, so it may have been what was slow"
    if measured.late > MAX_LATE * measured.sent:
        return (
            f"the generator sent {measured.late} of {measured.sent} requests over {units.show_seconds(LATE)} late "
            "although it was free to send them"
        )
    return ""


def _unmeasured(findings: Sequence[Finding]) -> str:
    return next((finding.message for finding in findings if finding.verdict is Verdict.INVALID), "")


def _missed(failed: Sequence[Finding]) -> str:
    return "; ".join(finding.message for finding in failed)
