import pytest

from ...config.cache import CacheSettings
from ...exceptions import RateLimitedError
from ...services.counters import Counters
from ...services.limiting import ClientLimiter
from ...services.redis_server import RedisServer
from ...utils.metrics import Metrics


def counters() -> Counters:
    return Counters(Metrics("test", "agent", "1.0.0"))


async def test_a_client_is_stopped_at_its_limit_and_told_when_to_return() -> None:
    limiter = ClientLimiter(3, counters())
    for _ in range(3):
        await limiter.check("one")
    with pytest.raises(RateLimitedError) as caught:
        await limiter.check("one")
    assert 1 <= caught.value.retry_after <= 120


async def test_clients_do_not_share_their_limits() -> None:
    limiter = ClientLimiter(1, counters())
    await limiter.check("one")
    await limiter.check("two")
    with pytest.raises(RateLimitedError):
        await limiter.check("two")


async def test_without_the_server_each_replica_counts_for_itself() -> None:
    metrics = Metrics("test", "agent", "1.0.0")
    server = RedisServer(CacheSettings.model_validate({"limits": "redis", "url": "redis://127.0.0.1:9/0"}))
    limiter = ClientLimiter(3, Counters(metrics, server))
    for _ in range(3):
        await limiter.check("one")
    with pytest.raises(RateLimitedError):
        await limiter.check("one")
    assert metrics.limiter_failures._value.get() == 4
    await server.close()
