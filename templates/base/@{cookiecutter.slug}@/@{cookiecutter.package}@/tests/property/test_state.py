"""The state of the process: whatever happens in whatever order, its promises hold."""

import asyncio
from contextlib import AbstractContextManager

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ...exceptions import OverloadedError, ShuttingDownError
from ...services.lifecycle import Lifecycle, State

ORDER = list(State)


class Lifetime(RuleBasedStateMachine):
    """Takes work on, finishes it, drains and stops, in any order."""

    @initialize(most=st.integers(1, 3))
    def start(self, most: int) -> None:
        self.most = most
        self.lifecycle = Lifecycle(most)
        self.running: list[AbstractContextManager[None]] = []
        self.furthest = 0

    @precondition(lambda self: self.lifecycle.state is State.RUNNING and len(self.running) < self.most)
    @rule()
    def take_on(self) -> None:
        work = self.lifecycle.work()
        work.__enter__()
        self.running.append(work)

    @precondition(lambda self: self.lifecycle.state is State.RUNNING and len(self.running) == self.most)
    @rule()
    def take_on_too_much(self) -> None:
        with pytest.raises(OverloadedError), self.lifecycle.work():
            pass

    @precondition(lambda self: self.lifecycle.state is not State.RUNNING)
    @rule()
    def take_on_too_late(self) -> None:
        with pytest.raises(ShuttingDownError), self.lifecycle.work():
            pass

    @precondition(lambda self: self.running)
    @rule(data=st.data())
    def finish(self, data: st.DataObject) -> None:
        place = data.draw(st.integers(0, len(self.running) - 1))
        self.running.pop(place).__exit__(None, None, None)

    @rule()
    def drain(self) -> None:
        self.lifecycle.drain()
        assert self.lifecycle.state is not State.RUNNING

    @precondition(lambda self: not self.running)
    @rule()
    def stop(self) -> None:
        asyncio.run(self.lifecycle.stop(timeout=60))
        assert self.lifecycle.state is State.STOPPED

    @invariant()
    def what_runs_is_counted_and_bounded(self) -> None:
        assert self.lifecycle.active == len(self.running) <= self.most

    @invariant()
    def there_is_no_way_back(self) -> None:
        reached = ORDER.index(self.lifecycle.state)
        assert reached >= self.furthest
        self.furthest = reached


TestLifetime = Lifetime.TestCase
