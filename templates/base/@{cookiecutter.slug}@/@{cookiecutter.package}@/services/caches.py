"""Makes the caches that the settings describe."""

from typing import TypeVar

from cachetools import TTLCache
from pydantic import BaseModel

from ..config.cache import CacheSettings
from ..interfaces.cache import CacheLevel
from ..utils.encryption import Cipher
from ..utils.metrics import Metrics
from .caching import Cache, Levels
from .redis_cache import RedisLevel
from .redis_server import RedisServer
from .store import Store
from .store_cache import StoreLevel

Item = TypeVar("Item", bound=BaseModel)


class Caches:
    """Makes caches; the server behind them is opened and closed with the service.

    Args:
        settings: Which levels they have.
        server: Redis, when a level or the limits are there.
        store: For the level that outlives everything.
        cipher: Makes items unreadable outside of the process.
        metrics: Where look-ups and failures are counted.
    """

    def __init__(
        self, settings: CacheSettings, server: RedisServer | None, store: Store, cipher: Cipher, metrics: Metrics
    ) -> None:
        self._settings = settings
        self._server = server
        self._store = store
        self._cipher = cipher
        self._metrics = metrics

    def make(self, name: str, item: type[Item], *, size: int, ttl: float) -> Cache[Item]:
        """Return a cache.

        Args:
            name: What keys and metrics call it; each cache has its own.
            item: The model of its items.
            size: Items that memory keeps at most.
            ttl: Seconds that an item is kept.
        """
        shared = self._shared(name)
        near = min(ttl, self._settings.memory_ttl) if shared else ttl
        memory: TTLCache[str, Item] = TTLCache(maxsize=size if "memory" in self._settings.levels else 0, ttl=near)
        return Cache(name, item, Levels(memory=memory, shared=shared, ttl=ttl), self._cipher, self._metrics)

    def _shared(self, name: str) -> list[CacheLevel]:
        made: dict[str, CacheLevel] = {"store": StoreLevel(self._store, name)}
        if self._server is not None:
            made["redis"] = RedisLevel(self._server, name)
        return [made[level] for level in self._settings.levels if level != "memory"]
