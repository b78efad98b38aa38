"""What a suite's run means: yes, no, or no answer."""

from __future__ import annotations

import signal
from collections.abc import Iterable
from contextlib import suppress

from agentctl.results import Finding, Verdict
from agentctl.testing.outcomes import SuiteRun, Test

_TITLE = "Tests"
_FAILED, _INTERRUPTED, _INTERNAL, _USAGE, _NOTHING = 1, 2, 3, 4, 5  # pytest's exit statuses


def suite_finding(run: SuiteRun, words: str = "") -> Finding:
    """Return the answer of one suite; ``words`` are the last that a hidden pytest said."""
    cause, hint = why_no_answer(run, words)
    if run.failures:
        verdict, message = Verdict.FAIL, counted(run)
    elif cause:
        verdict, message = Verdict.INVALID, f"no answer: {cause}"
    elif not run.ran:
        verdict, message = Verdict.SKIPPED, "no tests, and none must be there"
    elif run.returncode:
        verdict, message = Verdict.FAIL, f"{counted(run)}, but pytest ended with {run.returncode}"
        hint = "a plugin asked for it, such as pytest-cov with a floor of its own; see pytest's output"
    else:
        verdict, message = Verdict.PASS, counted(run)
    return Finding(
        id=run.suite.name,
        title=_TITLE,
        verdict=verdict,
        message=message,
        hint=hint,
        group=run.suite.name,
        duration=run.duration,
    )


def failure_findings(run: SuiteRun) -> tuple[Finding, ...]:
    """Return a finding for each test that failed and each module that could not be collected."""
    uncollected = {test.id for test in run.uncollected}
    return tuple(_failure(run, test, collected=test.id not in uncollected) for test in run.failures)


def why_no_answer(run: SuiteRun, words: str = "") -> tuple[str, str | None]:
    """Return why the run answers nothing, and what to do; an empty cause when it does answer."""
    if run.suite.absent:
        return f"{', '.join(run.suite.absent)} is not there", "write the tests, or mend the suite's select"
    return _cut_short(run, words) or _too_little(run) or ("", None)


def counted(run: SuiteRun) -> str:
    """Return the counts and the time, as ``23 passed, 1 skipped in 2.1 s``."""
    names = ("failed", "error", "passed", "skipped", "xfailed", "xpassed")
    parts = [f"{run.count(name)} {_plural(name, run.count(name))}" for name in names if run.count(name)]
    return f"{', '.join(parts) or 'no tests'} in {run.duration:.1f} s"


def overall(findings: Iterable[Finding]) -> Verdict:
    """Return the one verdict: any no is a no, then any missing answer is none."""
    verdicts = {finding.verdict for finding in findings}
    if Verdict.FAIL in verdicts:
        return Verdict.FAIL
    return Verdict.INVALID if Verdict.INVALID in verdicts else Verdict.PASS


def _cut_short(run: SuiteRun, words: str) -> tuple[str, str | None] | None:
    during = f" while {run.running} ran" if run.running else ""
    said = f": {words}" if words else ""
    if run.timed_out:
        limit = f"it was stopped after {run.suite.timeout:g} s{during}"
        return limit, "make it quicker, or raise the suite's timeout"
    if run.internal or run.returncode == _INTERNAL:
        told = run.internal.partition("\n")[0] or words
        return f"pytest itself failed: {told or 'see its output'}", None
    if run.returncode is not None and run.returncode < 0:
        return f"pytest was killed by {_signal_name(-run.returncode)}{during}", None
    if run.returncode == _USAGE:
        return f"pytest refused its arguments or settings{said}", "see what pytest says"
    if run.finished is None:
        return f"pytest ended with {run.returncode} before its session was over{during}{said}", None
    if run.returncode == _INTERRUPTED:
        return f"pytest was interrupted{during}", None
    if run.returncode not in {0, _FAILED, _NOTHING}:
        return f"pytest ended with {run.returncode}{said}", None
    return None


def _too_little(run: SuiteRun) -> tuple[str, str | None] | None:
    wanted = 1 if run.suite.min_tests is None else run.suite.min_tests
    if run.ran >= wanted:
        return None
    if not run.ran:
        return _nothing(run), "add tests, or mend what the suite selects"
    return f"{run.ran} tests ran, at least {wanted} must", "see min_tests in the suite's settings"


def _nothing(run: SuiteRun) -> str:
    if run.count("skipped"):
        return f"no test ran, {run.count('skipped')} were skipped"
    where = " ".join((*run.suite.select, *run.suite.args))
    aside = f" ({run.deselected} were deselected)" if run.deselected else ""
    return f"no test was found{f' by {where}' if where else ''}{aside}"


def _failure(run: SuiteRun, test: Test, *, collected: bool) -> Finding:
    first = next(iter(test.message.splitlines()), "") or "it failed without a message"
    missing = not collected and first.startswith("ModuleNotFoundError")
    return Finding(
        id=f"{run.suite.name}::{test.id}",
        verdict=Verdict.FAIL,
        message=first if collected else f"cannot be collected: {first}",
        hint="is it installed in the interpreter that runs the tests? --python names another" if missing else None,
        evidence=test.places,
        group=run.suite.name,
        duration=test.duration or None,
    )


def _signal_name(number: int) -> str:
    with suppress(ValueError):
        return signal.Signals(number).name
    return f"signal {number}"


def _plural(name: str, count: int) -> str:
    return "errors" if name == "error" and count > 1 else name
