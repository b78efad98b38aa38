"""What the parts promise each other."""

from abc import ABC, abstractmethod


class Model(ABC):
    """Writes answers."""

    @abstractmethod
    async def complete(self, text: str) -> str:
        """Return the answer to a question."""
