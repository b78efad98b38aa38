"""Rate limiting per client: in the memory of this process, or counted by all replicas together."""

import math
import time
from typing import Any

import structlog
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage, RedisStorage, Storage
from limits.aio.strategies import SlidingWindowCounterRateLimiter

from .. import SERVICE
from ..exceptions import CommunicationError, RateLimitedError
from ..utils.metrics import Metrics
from .redis_server import RedisServer

logger = structlog.get_logger(__name__)


class ClientLimiter:
    """Lets each client make so many requests a minute.

    Args:
        per_minute: Requests per client.
        metrics: Where it is counted that the server failed.
        server: Where all replicas count together; without it, and while it fails, each counts for itself.
    """

    def __init__(self, per_minute: int, metrics: Metrics, server: RedisServer | None = None) -> None:
        self._limit: RateLimitItem = RateLimitItemPerMinute(per_minute)
        self._own = _limiter(MemoryStorage())
        self._metrics = metrics
        self._server = server
        self._together = None if server is None else _limiter(_shared_storage(server))

    async def check(self, client: str) -> None:
        """Count one request of the client.

        Raises:
            RateLimitedError: Its share is used up; says when to come back.
        """
        wait = await self._wait(client)
        if wait is not None:
            raise RateLimitedError(retry_after=max(1, math.ceil(wait)))

    async def _wait(self, client: str) -> float | None:
        """Return how many seconds the client has to wait; nothing when it need not."""
        limiter = self._together
        if limiter is None or self._server is None:
            return await self._asked(self._own, client)
        try:
            return await self._server.call(lambda _: self._asked(limiter, client))
        except CommunicationError as error:
            self._metrics.limiter_failures.inc()
            logger.debug("shared_limits_failed", error_type=type(error).__name__)
            return await self._asked(self._own, client)

    async def _asked(self, limiter: SlidingWindowCounterRateLimiter, client: str) -> float | None:
        if await limiter.hit(self._limit, client):
            return None
        window = await limiter.get_window_stats(self._limit, client)
        return window.reset_time - time.time()


def _limiter(storage: Storage) -> SlidingWindowCounterRateLimiter:
    return SlidingWindowCounterRateLimiter(storage)


def _shared_storage(server: RedisServer) -> Storage:
    pool: Any = server.pool  # passed through to the client, whatever the declared type of options says
    return RedisStorage(
        "async+redis://", implementation="redispy", key_prefix=f"{SERVICE}:limits", connection_pool=pool
    )
