"""The report of a test run, from its values alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agentctl.errors import EXIT_NO, EXIT_NO_ANSWER, EXIT_YES
from agentctl.results import Figure, Finding, Report, Table, Verdict
from agentctl.testing import coverage, verdicts
from agentctl.testing.coverage import Measured
from agentctl.testing.outcomes import SuiteRun
from agentctl.testing.suites import Suite

_SLOWEST = 10
_SLOW = 0.1  # seconds; quicker tests are not worth a row
_EXIT = {Verdict.PASS: EXIT_YES, Verdict.FAIL: EXIT_NO, Verdict.INVALID: EXIT_NO_ANSWER}


@dataclass(frozen=True, kw_only=True)
class Run:
    """All that a test run came to.

    Attributes:
        findings: One for each suite, for each failed test and for each floor.
        floor: Percent of lines for the whole; None without one.
        skipped: Default suites that are not there.
    """

    subject: str
    runs: tuple[SuiteRun, ...]
    measured: Measured
    findings: tuple[Finding, ...]
    floor: float | None = None
    skipped: tuple[Suite, ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """The one answer."""
        return verdicts.overall(self.findings)

    @property
    def figures(self) -> tuple[Figure, ...]:
        """Counts over all suites, coverage in percent of lines, seconds."""
        percent = self.measured.whole.percent
        branches = self.measured.whole.branch_percent
        return (
            Figure(name="tests", value=sum(len(run.tests) for run in self.runs)),
            Figure(name="passed", value=self._count("passed", "xpassed")),
            Figure(name="failed", value=self._count("failed", "error")),
            Figure(name="skipped", value=self._count("skipped")),
            Figure(name="xfailed", value=self._count("xfailed")),
            Figure(name="coverage", value=None if percent is None else round(percent, 4), unit="%"),
            Figure(name="branch_coverage", value=None if branches is None else round(branches, 4), unit="%"),
            Figure(name="coverage_floor", value=self.floor, unit="%"),
            Figure(name="duration", value=round(sum(run.duration for run in self.runs), 3), unit="s"),
        )

    def _count(self, *outcomes: str) -> int:
        return sum(run.count(*outcomes) for run in self.runs)


def build(run: Run, *, notes: Sequence[str] = (), next_steps: Sequence[str] = ()) -> Report:
    """Return the report of a run."""
    absent = tuple(f"suite {suite.name} was skipped: {', '.join(suite.absent)} is not there" for suite in run.skipped)
    part = (f"this was a part of the tests: {'; '.join(run.left_out)}",) if run.left_out else ()
    seeds = tuple(
        f"suite {one.suite.name}: repeat its order with --seed {one.seed}" for one in run.runs if one.seed is not None
    )
    return Report(
        command="test",
        verdict=run.verdict,
        exit_code=_EXIT[run.verdict],
        subject=run.subject,
        summary=_summary(run),
        figures=run.figures,
        results=run.findings,
        tables=tuple(table for table in (_suites(run), _slowest(run)) if table.rows),
        notes=(*absent, *part, *seeds, *notes),
        next_steps=tuple(next_steps),
    )


def _summary(run: Run) -> str:
    values = {figure.name: figure.value for figure in run.figures}
    answer = {Verdict.PASS: "pass", Verdict.FAIL: "fail", Verdict.INVALID: "no answer"}[run.verdict]
    counts = [f"{values[name]} {name}" for name in ("passed", "failed", "skipped", "xfailed") if values[name]]
    percent = run.measured.whole.percent
    covered = f"; {coverage.shown(percent)} of lines covered" if percent is not None else ""
    cause = next((f"; {each.id}: {each.message}" for each in run.findings if each.verdict is Verdict.INVALID), "")
    told = cause if run.verdict is Verdict.INVALID else ""
    return f"{answer}: {', '.join(counts) or 'no tests ran'}{covered}{told}"


def _suites(run: Run) -> Table:
    return Table(
        title="Suites",
        columns=("Suite", "Passed", "Failed", "Skipped", "Time", "Coverage", "Floor"),
        rows=tuple(_row(run, one) for one in run.runs),
    )


def _row(run: Run, one: SuiteRun) -> tuple[str, ...]:
    measured = run.measured.suites.get(one.suite.name)
    percent = measured.percent if measured else None
    return (
        one.suite.name,
        str(one.count("passed", "xpassed")),
        str(one.count("failed", "error")),
        str(one.count("skipped")),
        f"{one.duration:.1f} s",
        "-" if percent is None else coverage.shown(percent),
        "-" if one.suite.cov_floor is None else f"{one.suite.cov_floor:g} %",
    )


def _slowest(run: Run) -> Table:
    timed = [
        (test.duration, one.suite.name, test.id) for one in run.runs for test in one.tests if test.duration >= _SLOW
    ]
    rows = sorted(timed, key=lambda row: (-row[0], row[1:]))[:_SLOWEST]
    return Table(
        title="Slowest tests",
        columns=("Time", "Suite", "Test"),
        rows=tuple((f"{duration:.2f} s", suite, test) for duration, suite, test in rows),
    )
