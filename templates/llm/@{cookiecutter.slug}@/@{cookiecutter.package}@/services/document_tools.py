"""The tools of this agent. To add one: its arguments as a model, and a function under ``@registry.tool``."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from ..interfaces.documents import DocumentCollection
from ..interfaces.tool import Capability
from ..models.documents import Passage, Search
from .batching import Batcher
from .tools import ToolRegistry

DocumentId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]


class _Arguments(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SearchArguments(_Arguments):
    """What ``search_documents`` takes."""

    query: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4_000)] = Field(
        description="What to look for, in a few words of the documents' own language."
    )
    limit: int = Field(default=3, ge=1, le=10, description="How many passages to return at most.")


class ReadArguments(_Arguments):
    """What ``read_document`` takes."""

    document_id: DocumentId = Field(description="The id in square brackets before a passage or a title.")


class ListArguments(_Arguments):
    """What ``list_documents`` takes: nothing."""


def build_tools(documents: DocumentCollection, searches: Batcher[Search, Sequence[Passage]]) -> ToolRegistry:
    """Return the registry of all tools.

    Args:
        documents: What they look into.
        searches: Does searches that come at the same time together.
    """
    registry = ToolRegistry()

    @registry.tool(SearchArguments, Capability.FIND)
    async def search_documents(arguments: SearchArguments) -> str:
        """Find the passages of the documents that fit a query best; each begins with its document's id."""
        passages = await searches.submit(Search(arguments.query, arguments.limit))
        return "\n".join(_line(passage) for passage in passages) or "Nothing fits."

    @registry.tool(ReadArguments, Capability.READ)
    async def read_document(arguments: ReadArguments) -> str:
        """Read a whole document, when its passages are not enough."""
        document = await documents.read(arguments.document_id)
        if document is None:
            return "There is no document of that id."
        return f"[{document.id}] {document.title}\n{document.text}"

    @registry.tool(ListArguments, Capability.OVERVIEW)
    async def list_documents(arguments: ListArguments) -> str:  # noqa: ARG001  # it takes nothing
        """List the id and the title of every document."""
        return "\n".join(f"[{document.id}] {document.title}" for document in await documents.all())

    return registry


def _line(passage: Passage) -> str:
    return f"[{passage.document_id}] {passage.title}: {passage.text}"
