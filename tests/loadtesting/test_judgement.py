from __future__ import annotations

from collections import Counter

import pytest

from agentctl.loadtesting import gates
from agentctl.loadtesting.histogram import Histogram
from agentctl.loadtesting.judgement import judge
from agentctl.loadtesting.measurement import Measurement, Tally
from agentctl.results import Verdict


def tally(count=100, seconds=0.1, status=200):
    made = Tally()
    for _ in range(count):
        made.record(status, seconds, seconds)
    return made


def run(*tallies, **values):
    count = sum(one.count for one in tallies)
    given = {
        "tallies": {str(number): one for number, one in enumerate(tallies)},
        "planned": count,
        "sent": count,
        "elapsed": 20.0,
        "late": 0,
        "lag": Histogram(),
        "filled": False,
        "cpu": 1.0,
        "wall": 20.0,
    }
    return Measurement(**{**given, **values})


def judged(measured, *texts, death=None):
    return judge(gates.chosen(texts), measured, rate=5.0, death=death)


def test_a_good_run_passes():
    answer = judged(run(tally()))
    assert (answer.verdict, answer.cause) == (Verdict.PASS, "")
    assert [finding.message for finding in answer.findings] == [
        "success 100 % > 95 %",
        "mean 100 ms < 2 s",
        "p95 100 ms (to 64 us) < 2 s",
    ]


@pytest.mark.parametrize(
    ("measured", "broken"),
    [
        (run(tally(seconds=3.0)), "mean 3 s >= 2 s"),
        (run(tally(90), tally(10, status=500)), "success 90 % <= 95 %"),
        (run(tally(90), tally(10, status=429)), "success 90 % <= 95 %"),
        (run(tally(90), tally(10, status=302)), "success 90 % <= 95 %"),
        (run(tally(95), planned=100), "success 95 % <= 95 %"),
        (run(tally(94), tally(6, seconds=5.0)), "p95 5 s"),
    ],
)
def test_a_slow_full_or_failing_target_fails(measured, broken):
    answer = judged(measured)
    assert answer.verdict is Verdict.FAIL
    assert broken in answer.cause


def test_a_target_that_answers_only_errors_fails_although_the_mean_has_no_sample():
    answer = judged(run(tally(status=500)))
    assert answer.verdict is Verdict.FAIL
    assert [finding.verdict for finding in answer.gates] == [Verdict.FAIL, Verdict.INVALID, Verdict.PASS]


def test_a_target_that_died_fails_however_good_its_answers_were():
    answer = judged(run(tally(10), stopped=True), death="ended with exit code 7")
    assert answer.verdict is Verdict.FAIL
    assert answer.cause == "the server ended with exit code 7 during the run"
    assert answer.findings[0].id == "target"


@pytest.mark.parametrize(
    ("measured", "cause"),
    [
        (run(), "no request was sent"),
        (run(tally(49)), "49 requests are too few"),
        (run(tally(60), stopped=True, planned=100), "cut short after 60 of 100"),
        (run(tally(), faults=("this machine: Too many open files",)), "Too many open files"),
        (run(tally(), cpu=18.4), "used 92 % of its core"),
        (run(tally(), late=6), "sent 6 of 100 requests over 100 ms late"),
    ],
)
def test_a_run_that_says_nothing_is_invalid_and_so_are_its_gates(measured, cause):
    answer = judged(measured)
    assert answer.verdict is Verdict.INVALID
    assert cause in answer.cause
    assert answer.findings[0].id == "run"
    assert {finding.verdict for finding in answer.gates} == {Verdict.INVALID}


def test_a_gate_without_enough_samples_is_invalid():
    answer = judged(run(tally(99)), "p99<1s")
    assert (answer.verdict, answer.cause) == (Verdict.INVALID, "p99 could not be measured: too few requests")


def test_a_few_late_requests_and_a_busy_core_still_count():
    assert judged(run(tally(), late=5, cpu=18.0)).verdict is Verdict.PASS


def test_the_rate_by_itself_and_against_the_plan():
    slow = run(tally(80), elapsed=20.0)
    assert judged(slow, "rate>=4/s").verdict is Verdict.PASS
    assert judged(slow, "rate>=80%").verdict is Verdict.PASS
    assert "rate 80 % <= 80 %" in judged(slow, "rate>80%").cause
    assert judged(slow, "max<99ms").verdict is Verdict.FAIL


def test_a_measurement_survives_the_pipe():
    made = run(tally(3), tally(2, status=429), late=1, faults=("x",))
    made.tallies["0"].record("connection refused", 0.5, 0.4)
    again = Measurement.from_json(made.to_json())
    assert again.to_json() == made.to_json()
    assert (again.completed, again.rate_limited) == (6, 2)
    assert again.all.errors == Counter({"connection refused": 1})
    assert again.all.latency.highest == 0.5
    assert again.all.service.highest == 0.4
