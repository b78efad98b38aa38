"""A check that never ends is stopped, and nothing else suffers."""

from __future__ import annotations

import contextlib
import re
import signal
import threading
import time

import pytest

from agentctl.checklist import asking, checks, patience

pytestmark = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timers of signals here")


def endless(_facts, _ships):
    while True:
        with contextlib.suppress(Exception):  # as careless as a check could be
            time.sleep(0.01)


def backtracking(_facts, _ships):
    return re.match(r"(a|aa)+$", "a" * 80 + "b")


@pytest.mark.parametrize("check", [endless, backtracking])
def test_a_check_that_never_ends_is_its_own_error_and_nothing_elses(agent, monkeypatch, check) -> None:
    monkeypatch.setattr(asking, "LIMIT", 2.0)
    monkeypatch.setitem(checks.all_checks(), "CQ01", check)
    verdicts = agent.verdicts()
    assert (verdicts["CQ01"], verdicts["SE01"]) == ("error", "pass")
    assert agent.findings()["CQ01"].message == "the check took too long and was stopped"


def test_all_checks_together_have_a_bound(agent, monkeypatch) -> None:
    monkeypatch.setattr(asking, "ALL_TOGETHER", -1.0)
    # Only checks that wait: what is stopped inside the coverage tool keeps that tool's lock for ever.
    monkeypatch.setattr(checks, "all_checks", lambda: {"CQ01": endless, "CQ02": endless})
    verdicts = agent.verdicts()
    assert (verdicts["CQ01"], verdicts["CQ02"]) == ("error", "error")


def test_the_timer_is_put_back() -> None:
    before = signal.getsignal(signal.SIGALRM)
    with pytest.raises(patience.TookTooLongError), patience.at_most(0.01):
        time.sleep(30)
    assert signal.getsignal(signal.SIGALRM) == before


def test_the_timer_of_somebody_else_runs_on() -> None:
    rang = []
    before = signal.signal(signal.SIGALRM, lambda *_: rang.append(True))
    kept = signal.setitimer(signal.ITIMER_REAL, 0.2)
    try:
        with patience.at_most(30):
            time.sleep(0.05)
        assert rang == []
        time.sleep(0.5)
        assert rang == [True]
    finally:
        signal.signal(signal.SIGALRM, before)
        signal.setitimer(signal.ITIMER_REAL, *kept)


def test_in_another_thread_there_is_no_bound_and_no_error() -> None:
    done = []

    def work() -> None:
        with patience.at_most(0.001):
            time.sleep(0.05)
            done.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done == [True]
