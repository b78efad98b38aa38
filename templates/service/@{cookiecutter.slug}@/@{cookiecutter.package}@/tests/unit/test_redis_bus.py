import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from fakeredis import FakeAsyncRedis

from ...exceptions import DependencyUnavailableError
from ...services import redis_bus
from ...services.event_hub import EventHub
from ...services.redis_bus import RedisEventBus
from ...utils.metrics import Metrics
from ..fixtures.messaging import RedisServer, make_metrics, status_event, unique_name, until

SOON = 20.0  # seconds; a guard against hanging


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_bus, "BLOCK_MILLISECONDS", 20)


@asynccontextmanager
async def replica(server: RedisServer, stream: str, metrics: Metrics | None = None) -> AsyncIterator[RedisEventBus]:
    """One replica of the service on the bus."""
    metrics = metrics or make_metrics()
    async with server.client() as redis:
        bus = RedisEventBus(redis, stream, EventHub(10, metrics), metrics)
        await bus.start()
        await bus.check()
        await until(lambda: bus._last is not None)
        yield bus
        await bus.close()


async def test_an_event_reaches_the_subscribers_of_every_replica() -> None:
    server, stream = RedisServer(), unique_name()
    async with replica(server, stream) as one, replica(server, stream) as two:
        with one.subscribe("agents/a") as here, two.subscribe("agents/a") as there:
            sent = status_event("agents/a")
            await one.publish(sent)
            async with asyncio.timeout(SOON):
                assert [await anext(here), await anext(there)] == [sent, sent]


async def test_a_replica_that_starts_hears_nothing_of_before() -> None:
    server, stream = RedisServer(), unique_name()
    async with replica(server, stream) as one:
        await one.publish(status_event("agents/a", 1))
        async with replica(server, stream) as two:
            with two.subscribe("agents/a") as events:
                await one.publish(status_event("agents/a", 2))
                async with asyncio.timeout(SOON):
                    assert (await anext(events)).data["number"] == 2


async def test_what_cannot_be_read_is_passed_over() -> None:
    server, stream = RedisServer(), unique_name()
    async with replica(server, stream) as bus:
        with bus.subscribe("agents/a") as events:
            await bus._redis.xadd(stream, {"event": "{broken"})
            await bus.publish(status_event("agents/a"))
            async with asyncio.timeout(SOON):
                assert (await anext(events)).subject == "agents/a"


async def test_closing_ends_the_subscriptions() -> None:
    async with replica(RedisServer(), unique_name()) as bus:
        with bus.subscribe() as events:
            await bus.close()
            assert [event async for event in events] == []


async def test_nothing_of_this_replica_is_lost_while_redis_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_bus, "PAUSE_SECONDS", 0.01)
    metrics, server, stream = make_metrics(), RedisServer(), unique_name()
    async with replica(server, stream, metrics) as bus:
        if not isinstance(bus._redis, FakeAsyncRedis):
            pytest.skip("a real Redis is not stopped by this test")
        with bus.subscribe("agents/a") as events:
            server.fake.connected = False
            with pytest.raises(DependencyUnavailableError):
                await bus.publish(status_event("agents/a", 1))
            await until(lambda: b'DependencyUnavailableError"} ' in metrics.exposition())
            server.fake.connected = True
            await bus.publish(status_event("agents/a", 2))
            async with asyncio.timeout(SOON):
                assert [(await anext(events)).data["number"] for _ in range(2)] == [1, 2]
