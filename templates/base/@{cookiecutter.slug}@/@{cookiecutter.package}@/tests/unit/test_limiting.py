from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import pytest
from limits.aio.storage import MemoryStorage

from ...config.cache import CacheSettings
from ...config.settings import Settings
from ...config.tenants import TenantSettings
from ...exceptions import QuotaExceededError, RateLimitedError
from ...services import counters as counters_module
from ...services.counters import Counters
from ...services.limiting import ClientLimiter
from ...services.quotas import RequestQuotas
from ...services.redis_server import RedisServer
from ...utils.metrics import Metrics
from ..fixtures.agents import ScriptedAgent
from ..fixtures.service import running

Result = TypeVar("Result")

NOWHERE = "redis://127.0.0.1:9/0"
SHARED = {"limits": "redis", "url": NOWHERE}


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


class Together(RedisServer):
    """A server that all replicas of a test share."""

    storage = MemoryStorage()

    async def call(self, operation: Callable[[Any], Awaitable[Result]]) -> Result:
        return await operation(None)


async def test_with_a_server_quotas_of_requests_hold_for_all_replicas_together(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    monkeypatch.setattr(counters_module, "_shared_storage", lambda server: server.storage)
    metrics, shared = Metrics("test", "agent", "1.0.0"), CacheSettings.model_validate(SHARED)
    tier = settings.tenants.tiers["standard"].model_dump() | {"requests_per_minute": 3}
    tenants = TenantSettings.model_validate({"tiers": {"standard": tier}, "default_tier": "standard"})
    one, other = (RequestQuotas(tenants, Counters(metrics, Together(shared)), metrics) for _ in range(2))
    for replica in (one, other, one):
        await replica.check_quota("acme")
    with pytest.raises(QuotaExceededError):
        await other.check_quota("acme")
    await other.check_quota("rival")


@pytest.mark.parametrize(
    ("replicas", "cache", "warned"), [(1, {}, False), (2, {}, True), (2, {"limits": "redis", "url": NOWHERE}, False)]
)
def test_the_start_warns_where_limits_hold_in_each_of_several_replicas(
    settings: Settings, capsys: pytest.CaptureFixture[str], replicas: int, cache: dict[str, object], warned: bool
) -> None:
    many = settings.model_copy(update={"replicas": replicas, "cache": CacheSettings.model_validate(cache)})
    with running(many, ScriptedAgent()):
        pass
    assert ("limits_hold_in_each_replica" in capsys.readouterr().out) is warned


async def test_without_the_server_each_replica_counts_for_itself() -> None:
    metrics = Metrics("test", "agent", "1.0.0")
    server = RedisServer(CacheSettings.model_validate(SHARED))
    limiter = ClientLimiter(3, Counters(metrics, server))
    for _ in range(3):
        await limiter.check("one")
    with pytest.raises(RateLimitedError):
        await limiter.check("one")
    assert metrics.limiter_failures._value.get() == 4
    await server.close()
