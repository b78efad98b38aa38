"""What is remembered of users over all conversations."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from ..models.memory import Memory


class MemoryKeeper(ABC):
    """Tells and forgets; of the current tenant, as all data."""

    @abstractmethod
    async def of(self, subject: str, newest: int | None = None) -> Sequence[Memory]:
        """Return what is remembered of somebody and not too old, newest first.

        Args:
            subject: Of whom.
            newest: How many at most; default: all.

        Raises:
            StoreError: It could not be read.
        """

    @abstractmethod
    async def forget(self, subject: str, memory_id: str | None = None) -> int:
        """Delete one memory of somebody, or all; return how many that were.

        Raises:
            StoreError: They could not be deleted.
        """
