import asyncio
import os
import signal
import time

import pytest

from ...exceptions import OverloadedError, ShuttingDownError
from ...services.lifecycle import Lifecycle, State, drain_on_signal


async def test_work_is_bounded() -> None:
    lifecycle = Lifecycle(max_active=1)
    with lifecycle.work():
        assert lifecycle.active == 1
        with pytest.raises(OverloadedError), lifecycle.work():
            pass
    with lifecycle.work():
        pass
    assert lifecycle.active == 0


async def test_nothing_new_is_taken_on_while_draining() -> None:
    lifecycle = Lifecycle(max_active=5)
    lifecycle.drain()
    with pytest.raises(ShuttingDownError), lifecycle.work():
        pass


async def test_stopping_waits_for_running_work() -> None:
    lifecycle = Lifecycle(max_active=5)
    with lifecycle.work():
        stopping = asyncio.create_task(lifecycle.stop(timeout=60))
        await asyncio.sleep(0)
        states = [lifecycle.state]
        assert not stopping.done()
    await stopping
    assert [*states, lifecycle.state] == [State.DRAINING, State.STOPPED]


async def test_stopping_gives_up_after_its_time() -> None:
    lifecycle = Lifecycle(max_active=5)
    with lifecycle.work():
        await lifecycle.stop(timeout=0.01)
        assert lifecycle.state is State.STOPPED


async def test_a_drain_has_its_time_once(monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.monotonic()
    lifecycle = Lifecycle(max_active=5)
    assert lifecycle.left(30) == 30
    with lifecycle.work():
        lifecycle.drain()
        monkeypatch.setattr(time, "monotonic", lambda: now + 60)
        assert lifecycle.left(30) == 0
        await lifecycle.stop(timeout=30)  # at once: the server waited all the time already
        assert lifecycle.state is State.STOPPED


async def test_a_signal_drains_and_reaches_the_server_too() -> None:
    lifecycle = Lifecycle(max_active=5)
    seen: list[int] = []
    previous = signal.signal(signal.SIGTERM, lambda number, _frame: seen.append(number))
    try:
        with drain_on_signal(lifecycle):
            os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.sleep(0)
            assert lifecycle.state is State.DRAINING
        assert seen == [signal.SIGTERM]
    finally:
        signal.signal(signal.SIGTERM, previous)
