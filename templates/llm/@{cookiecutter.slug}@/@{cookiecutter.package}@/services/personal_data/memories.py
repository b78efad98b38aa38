"""What users asked to be remembered."""

from collections.abc import AsyncIterator

from pydantic import JsonValue

from ...interfaces.personal_data import PersonalData
from ..memories import Memories, build_memories
from ..resources import Resources


class MemoriesOfPeople(PersonalData):
    """Memories over all conversations."""

    name = "memories"

    def __init__(self, memories: Memories) -> None:
        self._memories = memories

    async def export(self, subject: str) -> AsyncIterator[dict[str, JsonValue]]:
        """Yield the memories, readable."""
        for memory in await self._memories.of(subject):
            yield memory.model_dump(mode="json")

    async def erase(self, subject: str) -> int:
        """Delete the memories."""
        return await self._memories.forget(subject)

    async def renew_encryption(self) -> int:
        """Encrypt the memories anew."""
        return await self._memories.renew_encryption()

    async def sweep(self) -> int:
        """Delete old memories."""
        return await self._memories.delete_old()


def holder(resources: Resources) -> PersonalData:
    """Return the place."""
    return MemoriesOfPeople(build_memories(resources))
