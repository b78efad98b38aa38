"""Caches in levels: memory, then what replicas share. A level that fails is passed over."""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import structlog
from cachetools import TTLCache
from pydantic import BaseModel, ValidationError

from ..exceptions import CommunicationError, StoreError
from ..interfaces.cache import CacheLevel
from ..utils.encryption import Cipher
from ..utils.metrics import Metrics
from ..utils.tenancy import current_tenant
from .single_flight import SingleFlight

logger = structlog.get_logger(__name__)

Item = TypeVar("Item", bound=BaseModel)


@dataclass(frozen=True, kw_only=True)
class Levels(Generic[Item]):
    """Where a cache keeps its items.

    Args:
        memory: The nearest level: bounded, without what was not used longest.
        shared: The others, nearest first.
        ttl: Seconds that they keep an item.
    """

    memory: "TTLCache[str, Item]"
    shared: Sequence[CacheLevel]
    ttl: float


class Cache(Generic[Item]):
    """Keeps items of one kind, those of each tenant apart, encrypted everywhere but in memory.

    Args:
        name: What keys and metrics call it.
        item: The model of its items; what does not fit any more is a miss.
        levels: Where they are kept.
        cipher: Makes items unreadable outside of the process.
        metrics: Where look-ups and failures are counted.
    """

    def __init__(self, name: str, item: type[Item], levels: Levels[Item], cipher: Cipher, metrics: Metrics) -> None:
        self._name = name
        self._item = item
        self._memory, self._shared, self._ttl = levels.memory, levels.shared, levels.ttl
        self._cipher = cipher
        self._metrics = metrics
        self._looks: SingleFlight[Item | None] = SingleFlight()
        self._makes: SingleFlight[Item] = SingleFlight()
        metrics.cache_entries.labels(name).set_function(lambda: len(levels.memory))

    async def get(self, key: str) -> Item | None:
        """Return what is kept; a look into shared levels is done once for all who ask at the same time."""
        found = self._memory.get(self._key(key))
        self._count("memory", found)
        if found is None and self._shared:
            found = await self._looks.do(self._key(key), self._get_shared(key))
        self._metrics.cache.labels("miss" if found is None else "hit").inc()
        return found

    async def put(self, key: str, item: Item) -> None:
        """Keep an item in every level."""
        self._memory[self._key(key)] = item
        if self._shared:
            await self._set(self._shared, key, self._encoded(key, item))

    async def get_or_make(
        self, key: str, make: Callable[[], Coroutine[Any, Any, Item]], keep: Callable[[Item], bool]
    ) -> tuple[Item, bool]:
        """Return what is kept, else make it: once for all who ask for it at the same time; and whether it was kept.

        Args:
            key: What makes it the same.
            make: Makes it.
            keep: Whether what was made is worth keeping.
        """
        found = await self.get(key)
        if found is not None:
            return found, True
        return await self._makes.do(self._key(key), self._made(key, make, keep)), False

    async def invalidate(self, key: str) -> None:
        """Forget one item here and in the shared levels; other replicas' memory forgets it in its own time."""
        self._memory.pop(self._key(key), None)
        for level in self._shared:
            await self._guarded(level, level.delete(self._key(key)))

    async def clear(self) -> None:
        """Forget everything here and in the shared levels."""
        self._memory.clear()
        for level in self._shared:
            await self._guarded(level, level.clear())

    async def _made(
        self, key: str, make: Callable[[], Coroutine[Any, Any, Item]], keep: Callable[[Item], bool]
    ) -> Item:
        item = await make()
        if keep(item):
            await self.put(key, item)
        return item

    async def _get_shared(self, key: str) -> Item | None:
        for place, level in enumerate(self._shared):
            stored = await self._guarded(level, level.get(self._key(key)))
            item = None if stored is None else self._decoded(key, stored)
            self._count(level.name, item)
            if stored is not None and item is not None:
                self._memory[self._key(key)] = item
                await self._set(self._shared[:place], key, stored)
                return item
        return None

    async def _set(self, levels: Sequence[CacheLevel], key: str, value: bytes) -> None:
        for level in levels:
            await self._guarded(level, level.set(self._key(key), value, self._ttl))

    async def _guarded(self, level: CacheLevel, call: Coroutine[Any, Any, Any]) -> Any:  # noqa: ANN401  # the call's own
        """Return what a level says, and nothing when it fails."""
        try:
            return await call
        except (CommunicationError, StoreError) as error:
            self._metrics.cache_failures.labels(level.name).inc()
            logger.debug("cache_level_failed", level=level.name, error_type=type(error).__name__)
            return None

    def _encoded(self, key: str, item: Item) -> bytes:
        return self._cipher.encrypt(item.model_dump_json(), self._key(key))

    def _decoded(self, key: str, stored: bytes) -> Item | None:
        try:
            return self._item.model_validate_json(self._cipher.decrypt(stored, self._key(key)))
        except (StoreError, ValidationError):
            return None  # of another version, or encrypted with a key that is gone

    def _key(self, key: str) -> str:
        return f"{self._name}:{current_tenant()}:{key}"

    def _count(self, level: str, found: Item | None) -> None:
        self._metrics.cache_levels.labels(level, "miss" if found is None else "hit").inc()
