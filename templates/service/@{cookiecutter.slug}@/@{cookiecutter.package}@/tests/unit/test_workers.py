import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from ...exceptions import (
    AgentError,
    DependencyUnavailableError,
    InvalidInputError,
    RateLimitedError,
    ShuttingDownError,
    StoreError,
)
from ...exceptions.messaging import LostMessageError
from ...interfaces.queue import MessageQueue
from ...models.messages import Delivery, Message
from ...services import workers as workers_module
from ...services.lifecycle import Lifecycle
from ...services.memory_queue import MemoryQueue
from ...services.workers import Workers, WorkPolicy
from ...utils.metrics import Metrics
from ..fixtures.messaging import make_metrics, until
from ..fixtures.work import ScriptedHandler

POLICY = WorkPolicy(workers=2, attempts=3, timeout=5, first_delay=0.01)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers_module, "POLL_SECONDS", 0.02)


@asynccontextmanager
async def working(
    queue: MessageQueue,
    handler: ScriptedHandler,
    policy: WorkPolicy = POLICY,
    metrics: Metrics | None = None,
    lifecycle: Lifecycle | None = None,
) -> AsyncIterator[Workers]:
    workers = Workers(
        name="tasks",
        queue=queue,
        handler=handler,
        policy=policy,
        lifecycle=lifecycle or Lifecycle(1),
        metrics=metrics or make_metrics(),
    )
    workers.start()
    try:
        yield workers
    finally:
        handler.gate.set()
        await workers.stop(5)


async def empty(queue: MessageQueue) -> bool:
    depth = await queue.depth()
    return depth.waiting + depth.held + depth.delayed == 0


async def emptied(queue: MessageQueue) -> None:
    for _ in range(2_000):
        if await empty(queue):
            return
        await asyncio.sleep(0.01)
    pytest.fail("the queue is not worked off")


def count(metrics: Metrics, outcome: str) -> float:
    return metrics.registry.get_sample_value("agent_messages_total", {"queue": "tasks", "outcome": outcome}) or 0


async def test_what_is_done_is_acknowledged() -> None:
    queue, handler, metrics = MemoryQueue(), ScriptedHandler(), make_metrics()
    async with working(queue, handler, metrics=metrics):
        for number in range(5):
            await queue.send(Message(body={"number": number}))
        await emptied(queue)
    assert [message.body["number"] for message in handler.handled] == [0, 1, 2, 3, 4]
    assert count(metrics, "done") == 5


async def test_what_fails_comes_again_until_it_succeeds() -> None:
    queue, metrics = MemoryQueue(), make_metrics()
    handler = ScriptedHandler(DependencyUnavailableError("away"), RuntimeError("a defect"), None)
    async with working(queue, handler, metrics=metrics):
        await queue.send(Message(body={}))
        await emptied(queue)
    assert [message.attempt for message in handler.handled] == [1, 2, 3]
    assert [type(error) for error in handler.put_off] == [DependencyUnavailableError, RuntimeError]
    assert (count(metrics, "retried"), count(metrics, "done"), count(metrics, "dead")) == (2, 1, 0)


async def test_what_fails_too_often_becomes_a_dead_letter() -> None:
    queue, handler, metrics = MemoryQueue(), ScriptedHandler(DependencyUnavailableError("away")), make_metrics()
    async with working(queue, handler, metrics=metrics):
        await queue.send(Message(body={}))
        await emptied(queue)
    (letter,) = await queue.dead_letters(10)
    assert letter.reason == "DependencyUnavailableError"
    assert len(handler.handled) == 3
    assert len(handler.lost) == count(metrics, "dead") == 1


async def test_what_can_never_be_done_is_given_up_at_once() -> None:
    queue, handler = MemoryQueue(), ScriptedHandler(InvalidInputError("nonsense"))
    async with working(queue, handler):
        await queue.send(Message(body={}))
        await emptied(queue)
    assert len(handler.handled) == len(handler.lost) == 1


@pytest.mark.parametrize("trouble", [StoreError("away"), RateLimitedError(retry_after=0)])
async def test_trouble_of_our_own_uses_up_no_attempts(monkeypatch: pytest.MonkeyPatch, trouble: AgentError) -> None:
    monkeypatch.setattr(workers_module, "BUSY_SECONDS", 0.0)
    queue, handler = MemoryQueue(), ScriptedHandler(*[trouble] * 5, None)
    async with working(queue, handler):
        await queue.send(Message(body={}))
        await emptied(queue)
    assert [message.attempt for message in handler.handled] == [1] * 6
    assert (handler.lost, (await queue.depth()).dead) == ([], 0)


async def test_a_message_that_kills_its_workers_is_not_begun_again() -> None:
    queue, handler = MemoryQueue(), ScriptedHandler()
    async with working(queue, handler):
        await queue.send(Message(body={}, attempt=4))
        await emptied(queue)
    assert handler.handled == []
    assert isinstance(handler.lost[0], LostMessageError)


async def test_what_takes_too_long_has_failed() -> None:
    queue, handler = MemoryQueue(), ScriptedHandler()
    handler.gate.clear()
    async with working(queue, handler, WorkPolicy(workers=1, attempts=1, timeout=0.02)):
        await queue.send(Message(body={}))
        await emptied(queue)
    assert isinstance(handler.lost[0], TimeoutError)


async def test_an_end_that_cannot_be_noted_has_not_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers_module, "BUSY_SECONDS", 0.01)
    queue, handler = MemoryQueue(), ScriptedHandler(InvalidInputError("nonsense"))
    handler.trouble = StoreError("away")
    async with working(queue, handler):
        await queue.send(Message(body={}))
        await until(lambda: len(handler.handled) == 2)
        handler.trouble = None
        await emptied(queue)
    assert len(handler.lost) == 1


async def test_stopping_finishes_what_is_worked_on_and_takes_no_more() -> None:
    queue, handler = MemoryQueue(), ScriptedHandler()
    handler.gate.clear()
    async with working(queue, handler) as workers:
        for _ in range(3):
            await queue.send(Message(body={}))
        await until(lambda: len(handler.handled) == 2)
        stopping = asyncio.create_task(workers.stop(10))
        await asyncio.sleep(0.05)
        assert not stopping.done()
        handler.gate.set()
        await stopping
    depth = await queue.depth()
    assert (depth.waiting, depth.held) == (1, 0)


async def test_what_is_not_finished_in_time_is_given_back_and_has_not_failed() -> None:
    queue, handler = MemoryQueue(), ScriptedHandler()
    handler.gate.clear()
    async with working(queue, handler) as workers:
        await queue.send(Message(body={}))
        await until(lambda: len(handler.handled) == 1)
        await workers.stop(0.01)
    assert isinstance(handler.put_off[0], ShuttingDownError)
    delivery = await queue.receive(1) or await queue.receive(1)
    assert delivery is not None
    assert delivery.message.attempt == 1


async def test_a_draining_process_takes_no_messages() -> None:
    queue, handler, lifecycle = MemoryQueue(), ScriptedHandler(), Lifecycle(1)
    lifecycle.drain()
    async with working(queue, handler, lifecycle=lifecycle):
        await queue.send(Message(body={}))
        await asyncio.sleep(0.1)
    assert handler.handled == []


class Troubled(MemoryQueue):
    """Cannot be reached at first, and has short leases."""

    def __init__(self) -> None:
        super().__init__()
        self.failures = 2
        self.extended = 0

    @property
    def lease(self) -> float:
        return 0.03

    async def receive(self, wait: float) -> Delivery | None:
        if self.failures:
            self.failures -= 1
            raise DependencyUnavailableError("away")
        return await super().receive(wait)

    async def extend(self, delivery: Delivery) -> None:
        self.extended += 1
        if self.extended == 1:
            raise DependencyUnavailableError("away")
        await super().extend(delivery)


async def test_a_queue_that_was_away_is_worked_on_again_and_leases_are_kept() -> None:
    queue, handler, metrics = Troubled(), ScriptedHandler(), make_metrics()
    handler.gate.clear()
    async with working(queue, handler, metrics=metrics):
        await queue.send(Message(body={}))
        await until(lambda: queue.extended >= 3)
        handler.gate.set()
        await emptied(queue)
    assert b'agent_errors_total{error_type="DependencyUnavailableError"} 2.0' in metrics.exposition()


def test_delays_grow_up_to_a_bound() -> None:
    policy = WorkPolicy(workers=1, attempts=20, timeout=1)
    assert [policy.delay(attempt) for attempt in (1, 2, 3, 20)] == [1, 2, 4, 300]
