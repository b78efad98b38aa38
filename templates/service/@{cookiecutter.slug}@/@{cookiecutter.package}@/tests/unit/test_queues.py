"""What every message queue does, whatever it is made of."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial

import pytest
from fakeredis import FakeAsyncRedis, FakeServer
from pydantic import JsonValue

from ...exceptions import DependencyUnavailableError
from ...interfaces.queue import MessageQueue
from ...models.messages import Delivery, Message, QueueDepth
from ...services import redis_errors
from ...services.event_hub import EventHub
from ...services.memory_queue import MemoryQueue
from ...services.redis_bus import RedisEventBus
from ...services.redis_queue import RedisQueue
from ..fixtures.messaging import RedisServer, make_metrics, status_event, unique_name

MOMENT = 0.05  # seconds
LEASE = 0.3


@pytest.fixture(params=["memory", "redis"])
async def queue(request: pytest.FixtureRequest) -> AsyncIterator[MessageQueue]:
    if request.param == "memory":
        yield MemoryQueue()
        return
    async with RedisServer().client() as redis:
        yield RedisQueue(redis, unique_name(), "one", 60.0)


async def received(queue: MessageQueue, wait: float = MOMENT) -> Delivery:
    delivery = await queue.receive(wait)
    assert delivery is not None
    return delivery


async def test_messages_come_once_and_in_order(queue: MessageQueue) -> None:
    await queue.check()
    for number in range(3):
        await queue.send(Message(body={"number": number}))
    deliveries = [await received(queue) for _ in range(3)]
    assert [delivery.message.body["number"] for delivery in deliveries] == [0, 1, 2]
    assert await queue.receive(MOMENT) is None
    assert await queue.depth() == QueueDepth(waiting=0, held=3, delayed=0, dead=0)
    for delivery in deliveries:
        await queue.extend(delivery)
        await queue.acknowledge(delivery)
    assert await queue.depth() == QueueDepth(waiting=0, held=0, delayed=0, dead=0)
    await queue.close()


async def test_a_worker_that_waits_gets_a_message_at_once(queue: MessageQueue) -> None:
    waiting = asyncio.create_task(queue.receive(3))
    await asyncio.sleep(MOMENT)
    await queue.send(Message(body={}))
    assert await waiting or await queue.receive(3)  # as a worker: it asks again


async def test_a_retry_comes_later_as_the_next_attempt(queue: MessageQueue) -> None:
    await queue.send(Message(body={"a": 1}, correlation_id="abc", headers={"traceparent": "x"}))
    first = await received(queue)
    await queue.retry(first, 2 * MOMENT)
    assert await queue.depth() == QueueDepth(waiting=0, held=0, delayed=1, dead=0)
    assert await queue.receive(0.01) is None
    await asyncio.sleep(2 * MOMENT)
    again = (await received(queue, 5)).message
    assert again == first.message.model_copy(update={"attempt": 2})


async def test_a_dead_letter_tells_why_and_keeps_ids_alone(queue: MessageQueue) -> None:
    body: dict[str, JsonValue] = {"token": "secret", "question": "secret?", "secret": 1, "idempotency_key": "a-17"}
    await queue.send(Message(id="17", body=body, headers={"tenant": "shop", "baggage": "user=secret"}))
    await queue.bury(await received(queue), "RefusedMessageError")
    assert await queue.depth() == QueueDepth(waiting=0, held=0, delayed=0, dead=1)
    (letter,) = await queue.dead_letters(10)
    kept = Message.model_validate_json(letter.text)
    assert letter.reason == "RefusedMessageError"
    assert (kept.id, kept.body, kept.headers) == ("17", {"idempotency_key": "a-17"}, {"tenant": "shop"})
    assert "secret" not in letter.text


@pytest.mark.parametrize("key", ["My name is Ann.", "x" * 129, 17, None])
def test_what_is_no_id_is_not_kept_as_one(key: JsonValue) -> None:
    assert Message(body={"idempotency_key": key, "task_id": key}, headers={"traceparent": "Ann"}).ids_alone().body == {}


async def test_two_workers_share_the_messages(queue: MessageQueue) -> None:
    for number in range(20):
        await queue.send(Message(body={"number": number}))

    async def work() -> list[object]:
        done: list[object] = []
        while (delivery := await queue.receive(MOMENT)) is not None:
            done.append(delivery.message.body["number"])
            await queue.acknowledge(delivery)
        return done

    mine, yours = await asyncio.gather(work(), work())
    assert sorted([*mine, *yours], key=str) == sorted(range(20), key=str)


def test_only_redis_outlives_the_process() -> None:
    assert not MemoryQueue().durable
    assert MemoryQueue().lease > 0


@pytest.fixture
async def pair() -> AsyncIterator[tuple[RedisQueue, RedisQueue]]:
    """Two processes that work on the same queue."""
    server, name = RedisServer(), unique_name()
    async with server.client() as one, server.client() as two:
        yield RedisQueue(one, name, "one", LEASE), RedisQueue(two, name, "two", LEASE)


async def test_what_a_dead_worker_held_goes_to_another_as_one_more_attempt(pair: tuple[RedisQueue, RedisQueue]) -> None:
    dying, living = pair
    assert dying.durable
    await dying.send(Message(body={"a": 1}))
    await received(dying)
    assert await living.receive(MOMENT) is None
    await asyncio.sleep(2 * LEASE)
    claimed = await received(living)
    assert (claimed.message.body, claimed.message.attempt) == ({"a": 1}, 2)
    await living.acknowledge(claimed)
    assert (await living.depth()).held == 0


async def test_who_extends_its_lease_keeps_its_message(pair: tuple[RedisQueue, RedisQueue]) -> None:
    busy, idle = pair
    await busy.send(Message(body={}))
    held = await received(busy)
    for _ in range(4):
        await asyncio.sleep(LEASE / 2)
        await busy.extend(held)
        assert await idle.receive(0.01) is None


async def test_who_comes_too_late_does_not_take_its_message_back(pair: tuple[RedisQueue, RedisQueue]) -> None:
    late, quick = pair
    await late.send(Message(body={}))
    lost = await received(late)
    await asyncio.sleep(1.2 * LEASE)
    held = await received(quick)
    await late.extend(lost)
    (pending,) = await quick._redis.xpending_range(quick._stream, "workers", "-", "+", 10)
    assert pending["consumer"] == "two"
    await quick.acknowledge(held)


async def test_a_lost_message_is_found_behind_many_that_are_held() -> None:
    shared = unique_name()
    async with RedisServer().client() as redis:
        busy, dying, living = (RedisQueue(redis, shared, name, 60.0) for name in ("one", "two", "three"))
        for number in range(31):
            await busy.send(Message(body={"number": number}))
        for _ in range(30):
            await received(busy)
        lost = await received(dying)
        await redis.xclaim(busy._stream, "workers", "two", 0, [lost.receipt], idle=61_000, justid=True)
        found = [await living.receive(0.01) for _ in range(5)]
    assert [delivery.message.body["number"] for delivery in found if delivery] == [30]


async def test_who_has_an_answer_to_give_does_not_wait_for_a_redis_that_says_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def hang(*_: object, **__: object) -> None:
        await asyncio.sleep(600)

    monkeypatch.setattr(redis_errors, "SOON_SECONDS", MOMENT)
    async with RedisServer().client() as redis:
        monkeypatch.setattr(redis, "xadd", hang)
        monkeypatch.setattr(redis, "ping", hang)
        queue = RedisQueue(redis, unique_name(), "one", 60.0)
        metrics = make_metrics()
        bus = RedisEventBus(redis, unique_name(), EventHub(1, metrics), metrics)
        told = partial(bus.publish, status_event("a"))
        for reach in (partial(queue.send, Message(body={})), queue.check, told, bus.check):
            with pytest.raises(DependencyUnavailableError):
                await reach()


async def test_who_leaves_with_a_message_is_remembered_and_who_leaves_without_is_not(
    pair: tuple[RedisQueue, RedisQueue],
) -> None:
    holding, empty = pair
    await holding.send(Message(body={}))
    await received(holding)
    assert await empty.receive(0.01) is None
    await holding.close()
    await empty.close()
    await asyncio.sleep(2 * LEASE)
    assert (await received(empty)).message.attempt == 2


async def test_what_cannot_be_read_becomes_a_dead_letter(pair: tuple[RedisQueue, RedisQueue]) -> None:
    queue, _ = pair
    await queue._redis.xadd(queue._stream, {"message": "{My name is Ann."})
    assert await queue.receive(MOMENT) is None
    (letter,) = await queue.dead_letters(1)
    assert (letter.text, letter.reason) == ("", "unreadable, 16 characters")


async def test_an_emptied_redis_is_begun_anew(pair: tuple[RedisQueue, RedisQueue]) -> None:
    queue, _ = pair
    assert await queue.receive(0.01) is None
    await queue._redis.delete(queue._stream)
    assert await queue.depth() == QueueDepth(waiting=0, held=0, delayed=0, dead=0)
    await queue.send(Message(body={}))
    await received(queue)


async def test_a_redis_that_is_away_is_a_dependency_that_is_away() -> None:
    server = FakeServer()
    server.connected = False
    async with FakeAsyncRedis(server=server, decode_responses=True) as redis:
        queue = RedisQueue(redis, unique_name(), "one", LEASE)
        for operation in (queue.check(), queue.receive(MOMENT), queue.send(Message(body={})), queue.depth()):
            with pytest.raises(DependencyUnavailableError, match="cannot be reached"):
                await operation
