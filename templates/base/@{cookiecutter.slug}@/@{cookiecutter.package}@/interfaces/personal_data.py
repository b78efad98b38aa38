"""What holds data about people."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator

from pydantic import JsonValue


class PersonalData(ABC):
    """One place with data about people, by the subject of their tokens; of the current tenant, as all data."""

    name: str
    """What exports call it."""

    @abstractmethod
    def export(self, subject: str) -> AsyncIterator[dict[str, JsonValue]]:
        """Yield everything that is kept about somebody."""

    @abstractmethod
    async def erase(self, subject: str) -> int:
        """Take somebody out; return how many records that changed or deleted."""

    async def renew_encryption(self) -> int:
        """Encrypt with the newest key what is encrypted; return how many records that were."""
        return 0

    @abstractmethod
    async def sweep(self) -> int:
        """Delete what has been kept long enough; return how many records, or files of records, that were."""
