"""What a suite's run means, case by case."""

from __future__ import annotations

import pytest

from agentctl.results import Finding, Verdict
from agentctl.testing import verdicts
from agentctl.testing.outcomes import SuiteRun, Test
from agentctl.testing.suites import Suite

PASSED = (Test(id="a", outcome="passed"), Test(id="b", outcome="xfailed"))
FAILED = (Test(id="a", outcome="failed", message="assert 1 == 2\n +  where 1 = f()"),)


def ran(**values) -> SuiteRun:
    base = {"suite": Suite(name="unit"), "returncode": 0, "finished": 0, "started": True, "tests": PASSED}
    return SuiteRun(**{**base, **values})


@pytest.mark.parametrize(
    ("run", "verdict", "message"),
    [
        (ran(duration=2.14), Verdict.PASS, "1 passed, 1 xfailed in 2.1 s"),
        (ran(tests=FAILED, returncode=1, finished=1), Verdict.FAIL, "1 failed in 0.0 s"),
        (ran(tests=(), uncollected=(Test(id="m", outcome="error"),), returncode=2), Verdict.FAIL, "1 error in 0.0 s"),
        (ran(returncode=1, finished=1), Verdict.FAIL, "1 passed, 1 xfailed in 0.0 s, but pytest ended with 1"),
        (ran(tests=(), returncode=5, finished=5), Verdict.INVALID, "no answer: no test was found"),
        (ran(tests=()), Verdict.INVALID, "no answer: no test was found"),
        (ran(tests=(Test(id="a", outcome="skipped"),)), Verdict.INVALID, "no answer: no test ran, 1 were skipped"),
        (ran(finished=None, returncode=0), Verdict.INVALID, "no answer: pytest ended with 0 before its session was over"),
        (ran(finished=None, returncode=-11, running="a"), Verdict.INVALID, "no answer: pytest was killed by SIGSEGV while a ran"),
        (ran(returncode=120), Verdict.INVALID, "no answer: pytest ended with 120"),
        (ran(returncode=-250), Verdict.INVALID, "no answer: pytest was killed by signal 250"),
        (ran(returncode=3, finished=3, internal="broke\nhere"), Verdict.INVALID, "no answer: pytest itself failed: broke"),
        (ran(returncode=4, finished=None), Verdict.INVALID, "no answer: pytest refused its arguments or settings: ERROR: x"),
        (ran(suite=Suite(name="unit", absent=("t",)), tests=()), Verdict.INVALID, "no answer: t is not there"),
        (ran(suite=Suite(name="unit", min_tests=3)), Verdict.INVALID, "no answer: 2 tests ran, at least 3 must"),
        (ran(suite=Suite(name="unit", min_tests=3), tests=FAILED, returncode=1), Verdict.FAIL, "1 failed in 0.0 s"),
        (ran(suite=Suite(name="unit", timeout=9), timed_out=True, returncode=2, finished=2), Verdict.INVALID, "no answer: it was stopped after 9 s"),
    ],
)  # fmt: skip
def test_the_answer_of_a_suite(run, verdict, message):
    finding = verdicts.suite_finding(run, "ERROR: x" if run.returncode == 4 else "")
    assert (finding.verdict, finding.message) == (verdict, message)
    assert (finding.id, finding.group, finding.duration) == ("unit", "unit", run.duration)


def test_a_suite_that_may_be_empty_is_skipped_when_it_is():
    run = ran(suite=Suite(name="unit", min_tests=0), tests=(), returncode=5, finished=5)
    assert verdicts.suite_finding(run).verdict is Verdict.SKIPPED


def test_a_failed_test_is_told_by_the_first_line_of_its_error():
    (finding,) = verdicts.failure_findings(ran(tests=FAILED))
    assert (finding.id, finding.message) == ("unit::a", "assert 1 == 2")


@pytest.mark.parametrize(
    ("answers", "verdict"),
    [
        ([], Verdict.PASS),
        ([Verdict.PASS, Verdict.UNKNOWN, Verdict.NOT_APPLICABLE], Verdict.PASS),
        ([Verdict.PASS, Verdict.INVALID], Verdict.INVALID),
        ([Verdict.INVALID, Verdict.FAIL], Verdict.FAIL),
    ],
)
def test_any_no_is_a_no_and_then_any_missing_answer_is_none(answers, verdict):
    assert verdicts.overall(Finding(id="x", verdict=answer, message="") for answer in answers) is verdict
