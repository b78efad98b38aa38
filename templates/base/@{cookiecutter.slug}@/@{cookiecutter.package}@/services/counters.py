"""Counting what clients and tenants use: in the memory of this process, or by all replicas together."""

import math
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import structlog
from limits import RateLimitItem
from limits.aio.storage import MemoryStorage, RedisStorage, Storage
from limits.aio.strategies import FixedWindowRateLimiter, RateLimiter, SlidingWindowCounterRateLimiter

from .. import SERVICE
from ..exceptions import CommunicationError
from ..utils.metrics import Metrics
from .redis_server import RedisServer

logger = structlog.get_logger(__name__)

Result = TypeVar("Result")


class _Windows:
    """The ways to count in one place, as ``Counters`` tells them."""

    def __init__(self, storage: Storage) -> None:
        self._sliding = SlidingWindowCounterRateLimiter(storage)
        self._fixed = FixedWindowRateLimiter(storage)

    async def take(self, limit: RateLimitItem, key: str) -> int | None:
        if await self._sliding.hit(limit, key):
            return None
        return await _wait(self._sliding, limit, key)

    async def spend(self, limit: RateLimitItem, key: str, amount: int) -> None:
        await self._fixed.hit(limit, key, cost=amount)

    async def wait(self, limit: RateLimitItem, key: str) -> int | None:
        if await self._fixed.test(limit, key):
            return None
        return await _wait(self._fixed, limit, key)


class Counters:
    """Counts with all replicas where there is a server; while it fails, each counts for itself.

    Args:
        metrics: Where it is counted that the server failed.
        server: Where all replicas count together.
    """

    def __init__(self, metrics: Metrics, server: RedisServer | None = None) -> None:
        self._metrics = metrics
        self._own = _Windows(MemoryStorage())
        self._server = server
        self._together = self._own if server is None else _Windows(_shared_storage(server))

    async def take(self, limit: RateLimitItem, key: str) -> int | None:
        """Count one use; when none is left count nothing, and return the seconds until there is."""
        if self._server is None:
            return await self._own.take(limit, key)
        return await self._shared(self._server, lambda windows: windows.take(limit, key))

    async def spend(self, limit: RateLimitItem, key: str, amount: int) -> None:
        """Count a use whose size was known only afterwards, also when it goes over the limit."""
        if self._server is None:
            await self._own.spend(limit, key, amount)
        else:
            await self._shared(self._server, lambda windows: windows.spend(limit, key, amount))

    async def wait(self, limit: RateLimitItem, key: str) -> int | None:
        """Return the seconds until something is left to spend, and nothing when something is."""
        if self._server is None:
            return await self._own.wait(limit, key)
        return await self._shared(self._server, lambda windows: windows.wait(limit, key))

    async def _shared(self, server: RedisServer, operation: Callable[[_Windows], Awaitable[Result]]) -> Result:
        try:
            return await server.call(lambda _: operation(self._together))
        except CommunicationError as error:
            self._metrics.limiter_failures.inc()
            logger.debug("shared_limits_failed", error_type=type(error).__name__)
            return await operation(self._own)


async def _wait(limiter: RateLimiter, limit: RateLimitItem, key: str) -> int:
    """Return the whole seconds until the window moves on."""
    window = await limiter.get_window_stats(limit, key)
    return max(1, math.ceil(window.reset_time - time.time()))


def _shared_storage(server: RedisServer) -> Storage:
    pool: Any = server.pool  # passed through to the client, whatever the declared type of options says
    return RedisStorage(
        "async+redis://", implementation="redispy", key_prefix=f"{SERVICE}:limits", connection_pool=pool
    )
