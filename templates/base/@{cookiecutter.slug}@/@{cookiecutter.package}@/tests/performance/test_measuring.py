"""The measure itself: it sees twice the work as twice the cost, wherever it runs."""

import pytest

from .measuring import AT_MOST, cost


def work(size: int) -> int:
    return sum(len(f"{number}") for number in range(size))


def test_more_work_costs_more() -> None:
    small, large = cost(lambda: work(1_000), 20), cost(lambda: work(8_000), 3)
    assert large / small == pytest.approx(8, rel=0.6)
    assert large / small > AT_MOST
