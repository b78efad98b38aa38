"""What makes vectors of texts."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from ..models.embeddings import Embedded


class Embedder(ABC):
    """Puts texts that mean something similar near each other."""

    @property
    @abstractmethod
    def name(self) -> str:
        """Provider, model and dimensions: vectors of embedders with different names cannot be compared."""

    @abstractmethod
    async def embed(self, texts: Sequence[str]) -> Embedded:
        """Return a vector for each text.

        Raises:
            DependencyUnavailableError: It failed in a way that may pass.
            DependencyRefusedError: It rejected the texts.
        """

    @abstractmethod
    async def close(self) -> None:
        """Release connections."""
