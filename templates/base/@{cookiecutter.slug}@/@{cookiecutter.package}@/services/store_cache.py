"""The level of a cache that outlives everything: a table of the store."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select

from ..interfaces.cache import CacheLevel
from ..models.tables.cache_entries import CacheEntryRow
from .store import Store


class StoreLevel(CacheLevel):
    """Keeps items in the store until they expire; ``delete_expired`` makes room.

    Args:
        store: The store.
        cache: The cache's name, with which all of its keys begin.
    """

    name = "store"

    def __init__(self, store: Store, cache: str) -> None:
        self._store = store
        self._cache = cache

    async def get(self, key: str) -> bytes | None:
        """Return what is kept and has not expired."""
        wanted = select(CacheEntryRow.value).where(CacheEntryRow.key == key, CacheEntryRow.expires > datetime.now(UTC))
        async with self._store.reading() as session:
            return await session.scalar(wanted)

    async def set(self, key: str, value: bytes, ttl: float) -> None:
        """Keep something in place of what was there."""
        expires = datetime.now(UTC) + timedelta(seconds=ttl)
        async with self._store.transaction() as session:
            await session.merge(CacheEntryRow(key=key, value=value, expires=expires))

    async def delete(self, key: str) -> None:
        """Forget one key."""
        async with self._store.transaction() as session:
            await session.execute(delete(CacheEntryRow).where(CacheEntryRow.key == key))

    async def clear(self) -> None:
        """Forget everything of this cache."""
        async with self._store.transaction() as session:
            await session.execute(
                delete(CacheEntryRow).where(CacheEntryRow.key.startswith(f"{self._cache}:", autoescape=True))
            )


async def delete_expired(store: Store) -> None:
    """Delete what no cache would return any more."""
    async with store.transaction() as session:
        await session.execute(delete(CacheEntryRow).where(CacheEntryRow.expires <= datetime.now(UTC)))
