"""The collection of documents."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

from ..models.documents import Document, Passage, Search


class DocumentCollection(ABC):
    """What the agent knows. Put a vector database or a search service behind it without touching the tools."""

    @abstractmethod
    async def all(self) -> Sequence[Document]:
        """Return the documents by id."""

    @abstractmethod
    async def read(self, document_id: str) -> Document | None:
        """Return a document, or nothing when there is none of that id."""

    @abstractmethod
    async def search(self, searches: Sequence[Search]) -> Sequence[Sequence[Passage]]:
        """Return for each search the passages that fit, best first."""

    async def open(self) -> None:  # noqa: B027  # most have nothing to begin
        """Begin what has to be done beside searches."""

    async def dependencies(self) -> Mapping[str, bool]:
        """Return of each thing that searches use whether it can be had."""
        return {}

    async def close(self) -> None:  # noqa: B027  # most hold nothing open
        """Release connections."""
