"""The tools of the team. A member uses those that its configuration names.

To add one: its arguments as a model, a function under ``@registry.tool``, its name in the configuration of a member.
"""

import re
from collections.abc import Iterable, Sequence

from pydantic import BaseModel, ConfigDict, Field

from ..config.member_config import MemberConfig
from ..exceptions.projects import NobodyToAskError
from ..interfaces.documents import DocumentCollection
from ..interfaces.tool import Capability
from ..models.documents import Passage, Search
from .asking import AskArguments
from .batching import Batcher
from .calculator import calculate as value_of
from .document_tools import build_tools
from .tools import ToolRegistry

FIGURE = re.compile(r"\d+(?:[.,]\d+)*(?:\s+[^\W\d_]+){0,2}")


class _Arguments(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CalculateArguments(_Arguments):
    """What ``calculate`` takes."""

    expression: str = Field(min_length=1, max_length=200, description="Such as (30 - 14) / 7.")


class FiguresArguments(_Arguments):
    """What ``extract_figures`` takes."""

    text: str = Field(min_length=1, max_length=20_000, description="Where the figures stand.")


class CitationsArguments(_Arguments):
    """What ``check_citations`` takes."""

    document_ids: tuple[str, ...] = Field(max_length=50, description="The ids that stand in square brackets.")


class MembersArguments(_Arguments):
    """What ``list_members`` takes: nothing."""


def build_team_tools(
    documents: DocumentCollection,
    searches: Batcher[Search, Sequence[Passage]],
    members: Iterable[MemberConfig],
) -> ToolRegistry:
    """Return the registry of all tools: those that look into the documents, and those of the other members.

    Args:
        documents: What there is to read.
        searches: Looks things up in it.
        members: Whom the one who uses the tools may give steps to.
    """
    registry = build_tools(documents, searches)

    @registry.tool(CalculateArguments, Capability.READ)
    async def calculate(arguments: CalculateArguments) -> str:
        """Work out an arithmetic expression; use it for every calculation."""
        return f"{value_of(arguments.expression).normalize():f}"

    @registry.tool(FiguresArguments, Capability.FIND)
    async def extract_figures(arguments: FiguresArguments) -> str:
        """List the figures of a text, each with the words behind it."""
        return "\n".join(dict.fromkeys(FIGURE.findall(arguments.text))) or "There are no figures in it."

    @registry.tool(CitationsArguments, Capability.FIND)
    async def check_citations(arguments: CitationsArguments) -> str:
        """Say of each cited document whether it exists, and what its title is."""
        titles = {document.id: document.title for document in await documents.all()}
        return "\n".join(f"{name}: {titles.get(name, 'does not exist')}" for name in arguments.document_ids)

    @registry.tool(MembersArguments, Capability.OVERVIEW)
    async def list_members(arguments: MembersArguments) -> str:  # noqa: ARG001  # it takes nothing
        """List the roles and teams that steps can be given to, and what each is good for."""
        return "\n".join(f"{config.name}: {config.description}" for config in members)

    @registry.tool(AskArguments, Capability.OVERVIEW)
    async def ask_person(arguments: AskArguments) -> str:  # noqa: ARG001  # who works on projects asks before this
        """Ask the person for whom the work is, when nothing else can tell; the work waits for the answer."""
        raise NobodyToAskError

    return registry
