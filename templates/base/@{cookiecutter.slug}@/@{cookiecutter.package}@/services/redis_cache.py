"""The level of a cache that replicas share: Redis."""

from functools import partial

from redis.asyncio import Redis

from .. import SERVICE
from ..interfaces.cache import CacheLevel
from .redis_server import RedisServer

CLEARED_AT_ONCE = 500


class RedisLevel(CacheLevel):
    """Keeps items in Redis, which bounds them by its own ``maxmemory``.

    Args:
        server: The server.
        cache: The cache's name, with which all of its keys begin.
    """

    name = "redis"

    def __init__(self, server: RedisServer, cache: str) -> None:
        self._server = server
        self._cache = cache

    async def get(self, key: str) -> bytes | None:
        """Return what is kept."""
        found = await self._server.call(lambda client: client.get(_key(key)))
        return found if isinstance(found, bytes) else None

    async def set(self, key: str, value: bytes, ttl: float) -> None:
        """Keep something."""
        await self._server.call(lambda client: client.set(_key(key), value, px=max(1, round(ttl * 1000))))

    async def delete(self, key: str) -> None:
        """Forget one key."""
        await self._server.call(lambda client: client.unlink(_key(key)))

    async def clear(self) -> None:
        """Forget everything of this cache, a part at a time."""
        cursor = None
        while cursor != 0:
            cursor, keys = await self._server.call(partial(self._part, cursor=cursor or 0))
            if keys:
                await self._server.call(partial(_forget, keys=keys))

    async def _part(self, client: Redis, cursor: int) -> tuple[int, list[bytes | str]]:
        following, keys = await client.scan(cursor, match=f"{_key(self._cache)}:*", count=CLEARED_AT_ONCE)
        return int(following), list(keys)


async def _forget(client: Redis, keys: list[bytes | str]) -> None:
    await client.unlink(*keys)


def _key(key: str) -> str:
    return f"{SERVICE}:cache:{key}"
