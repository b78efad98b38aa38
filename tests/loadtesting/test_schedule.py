from __future__ import annotations

from collections import Counter

from agentctl.loadtesting.schedule import ConstantRate, interleaved


def test_arrivals_are_evenly_spaced_from_the_start():
    schedule = ConstantRate(rate=4, total=8)
    assert [schedule.due(number) for number in range(5)] == [0, 0.25, 0.5, 0.75, 1.0]
    assert schedule.duration == 2


def test_weights_interleave_and_keep_their_shares():
    assert interleaved([3, 1]) == [0, 0, 1, 0]
    assert interleaved([10, 10]) == [0, 1]
    assert interleaved([7]) == [0]
    assert Counter(interleaved([5, 3, 2])) == {0: 5, 1: 3, 2: 2}
