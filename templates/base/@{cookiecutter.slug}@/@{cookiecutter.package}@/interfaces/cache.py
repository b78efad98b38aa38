"""A level of a cache."""

from abc import ABC, abstractmethod


class CacheLevel(ABC):
    """Keeps bytes for a while. A level that fails raises a ``CommunicationError`` or a ``StoreError``."""

    name: str
    """What metrics call it."""

    @abstractmethod
    async def get(self, key: str) -> bytes | None:
        """Return what is kept and not too old."""

    @abstractmethod
    async def set(self, key: str, value: bytes, ttl: float) -> None:
        """Keep something for ``ttl`` seconds."""

    @abstractmethod
    async def delete(self, key: str) -> None:
        """Forget one key; one that is not there is no error."""

    @abstractmethod
    async def clear(self) -> None:
        """Forget everything that this cache keeps here."""
