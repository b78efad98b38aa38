"""When each request is due: the open model, in which arrivals do not wait for answers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class ConstantRate:
    """Arrivals at a constant rate on a fixed schedule.

    Attributes:
        rate: Requests per second.
        total: How many there are.
    """

    rate: float
    total: int

    def due(self, number: int) -> float:
        """Return the seconds from the start at which request ``number`` (from 0) is due."""
        return number / self.rate

    @property
    def duration(self) -> float:
        """Seconds that the schedule covers, the last request's interval included."""
        return self.total / self.rate


def interleaved(weights: Sequence[int]) -> list[int]:
    """Return one round of a smooth weighted round robin: indices such that each comes as often as its weight.

    The same as nginx's: deterministic, and never all of one kind first. Weights 3 and 1 give 0, 0, 1, 0.
    """
    divisor = math.gcd(*weights)
    shares = [weight // divisor for weight in weights]
    current, order = [0] * len(shares), []
    for _ in range(sum(shares)):
        current = [value + share for value, share in zip(current, shares, strict=True)]
        chosen = max(range(len(shares)), key=current.__getitem__)
        current[chosen] -= sum(shares)
        order.append(chosen)
    return order
