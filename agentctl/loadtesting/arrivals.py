"""Hand each request that is due to a free user, and make users as they are needed; for the generator's process only."""

# mypy: disable-error-code="no-untyped-call"
# (gevent ships no types)

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import gevent
import gevent.hub

from agentctl.loadtesting.histogram import Histogram
from agentctl.loadtesting.measurement import LATE
from agentctl.loadtesting.schedule import ConstantRate


class Arrivals:
    """The open model: requests come when the schedule says, whatever the target does.

    One free user leads: it waits for the next request, takes it, hands the lead to the user that became free last
    (whose connection is the warmest) or has a new user made, and goes off to send. With ``cap`` users under way nobody
    leads, and who comes back first takes what is overdue.

    Args:
        schedule: When each request is due.
        cap: Users there may be.
        hire: Makes one more user, which comes to ``take``.
    """

    def __init__(self, schedule: ConstantRate, cap: int, hire: Callable[[], None]) -> None:
        self.taken = 0
        self.late = 0
        self.lag = Histogram()
        self.filled = False
        self._schedule, self._cap, self._hire = schedule, cap, hire
        self._users = 0
        self._led = False
        self._full = False
        self._excused = 0.0
        self._free: list[Any] = []
        self._hub = gevent.hub.get_hub()
        self._start = 0.0

    @property
    def in_flight(self) -> int:
        """Users that are neither free nor leading."""
        return self._users - len(self._free) - self._led

    def begin(self) -> float:
        """Make the first user; the first request is due a moment from now, at the time returned."""
        self._start = time.perf_counter() + 0.05
        self._another()
        return self._start

    def take(self) -> tuple[int, float] | None:
        """Wait until a request is due for the user that calls, and return its number and time; None at the end."""
        if self._led:
            self._free.append(gevent.getcurrent())
            self._hub.switch()  # until somebody hands over the lead
        self._led = True
        if self.taken >= self._schedule.total:
            self._pass_on()
            return None
        due = self._start + self._schedule.due(self.taken)
        self._wait(due)
        number = self.taken
        self.taken += 1
        self._pass_on()
        return number, due

    def _wait(self, due: float) -> None:
        if self._full:
            self._full, self._excused = False, time.perf_counter()
        while (ahead := due - time.perf_counter()) > 0:
            gevent.sleep(ahead)
        lag = time.perf_counter() - max(due, self._excused)
        self.lag.record(lag)
        self.late += lag > LATE

    def _pass_on(self) -> None:
        """Give the lead to a free user, else to one that is made, else to nobody."""
        if self._free:
            self._hub.loop.run_callback(self._free.pop().switch)
            return
        self._led = False
        if self.taken >= self._schedule.total:
            return
        if self._users < self._cap:
            self._another()
        else:
            self._full = self.filled = True

    def _another(self) -> None:
        self._users += 1
        self._hire()
