"""What replicas share, against the server that the environment names."""

import asyncio
import os
import uuid
from collections.abc import AsyncIterator

import pytest
from limits import RateLimitItemPerDay

from ... import ENV_PREFIX
from ...config.cache import CacheSettings
from ...config.settings import Settings
from ...exceptions import RateLimitedError
from ...models.answer import Answer
from ...models.identity import Role
from ...services.counters import Counters
from ...services.limiting import ClientLimiter
from ...services.redis_cache import RedisLevel
from ...services.redis_server import RedisServer
from ...utils.metrics import Metrics
from ..fixtures.agents import ScriptedAgent
from ..fixtures.caches import make_cache
from ..fixtures.service import limited, running

VARIABLE = f"{ENV_PREFIX}TEST_REDIS_URL"
URL = os.environ.get(VARIABLE)
pytestmark = pytest.mark.skipif(URL is None, reason=f"{VARIABLE} names no server")
SHARED = {"levels": ["memory", "redis"], "limits": "redis", "url": URL, "timeout": 5}


@pytest.fixture
async def server() -> AsyncIterator[RedisServer]:
    server = RedisServer(CacheSettings.model_validate(SHARED))
    yield server
    await server.close()


@pytest.fixture
def metrics() -> Metrics:
    return Metrics("test", "agent", "1.0.0")


def unique() -> str:
    return uuid.uuid4().hex


def answer(text: str) -> Answer:
    return Answer(agent_id="a-v1", agent_version="1.0.0", output={"answer_text": text})


async def test_items_are_kept_for_their_time_and_forgotten(server: RedisServer) -> None:
    name = unique()
    level, other = RedisLevel(server, name), RedisLevel(server, unique())
    await level.set(f"{name}:a", b"1", ttl=60)
    await level.set(f"{name}:b", b"2", ttl=60)
    await other.set("other:a", b"3", ttl=60)
    assert [await level.get(f"{name}:{key}") for key in ("a", "b", "c")] == [b"1", b"2", None]
    await level.set(f"{name}:b", b"2", ttl=0.05)
    await asyncio.sleep(0.2)
    assert await level.get(f"{name}:b") is None
    await level.delete(f"{name}:a")
    assert await level.get(f"{name}:a") is None
    for number in range(1_200):  # more than go at once
        await level.set(f"{name}:{number}", b"x", ttl=60)
    await level.clear()
    assert await level.get(f"{name}:7") is None
    assert await other.get("other:a") == b"3"


async def test_one_replica_finds_what_another_keeps(server: RedisServer, metrics: Metrics) -> None:
    name, key = unique(), unique()
    one, other = (make_cache(Answer, metrics, shared=(RedisLevel(server, name),)) for _ in range(2))
    await one.put(key, answer("Because."))
    assert await other.get(key) == answer("Because.")
    await other.invalidate(key)
    assert await make_cache(Answer, metrics, shared=(RedisLevel(server, name),)).get(key) is None


async def test_replicas_count_a_clients_requests_together(server: RedisServer, metrics: Metrics) -> None:
    one, other = (ClientLimiter(4, Counters(metrics, server)) for _ in range(2))
    client = unique()
    for limiter in (one, other, one, other):
        await limiter.check(client)
    for limiter in (one, other):
        with pytest.raises(RateLimitedError) as caught:
            await limiter.check(client)
        assert 1 <= caught.value.retry_after <= 120
    await other.check(unique())
    assert metrics.limiter_failures._value.get() == 0


async def test_replicas_count_together_what_a_tenant_spends(server: RedisServer, metrics: Metrics) -> None:
    one, other = (Counters(metrics, server) for _ in range(2))
    limit, tenant = RateLimitItemPerDay(100), unique()
    for counters in (one, other):
        assert await counters.wait(limit, tenant) is None
        await counters.spend(limit, tenant, 60)  # the second goes over the line
    for counters in (one, other):
        assert 86_000 < (await counters.wait(limit, tenant) or 0) <= 86_400
    assert await one.wait(limit, unique()) is None
    assert metrics.limiter_failures._value.get() == 0


def test_the_service_counts_there(settings: Settings) -> None:
    shared = settings.model_copy(update={"cache": CacheSettings.model_validate(SHARED)})
    client = unique()
    statuses = [status for _ in range(2) for status in asked_twice(limited(shared, rate_limit=3), client)]
    assert statuses == [200, 200, 200, 429]


def asked_twice(settings: Settings, client: str) -> list[int]:
    """Ask a replica of its own."""
    with running(settings, ScriptedAgent()) as service:
        headers = service.headers(Role.CLIENT, subject=client)
        answers = [service.client.post("/v1/answers", json={"question": "Why?"}, headers=headers) for _ in range(2)]
    return [answer.status_code for answer in answers]
