"""Rate limiting per client, in the memory of this process."""

import math
import time

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter

from ..exceptions import RateLimitedError


class ClientLimiter:
    """Lets each client make so many requests a minute.

    Args:
        per_minute: Requests per client.
    """

    def __init__(self, per_minute: int) -> None:
        self._limit = RateLimitItemPerMinute(per_minute)
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    async def check(self, client: str) -> None:
        """Count one request of the client.

        Raises:
            RateLimitedError: Its share is used up; says when to come back.
        """
        if await self._limiter.hit(self._limit, client):
            return
        window = await self._limiter.get_window_stats(self._limit, client)
        raise RateLimitedError(retry_after=max(1, math.ceil(window.reset_time - time.time())))
