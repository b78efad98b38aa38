"""What a member may use: tools of the team's own by name, and those of servers that name it, while they last."""

import pytest
from pydantic import BaseModel, Field

from ...config.mcp import McpConfig
from ...config.settings import Settings
from ...exceptions import ConfigurationError
from ...interfaces.tool import Capability
from ...services.resources import build_resources
from ...services.team import build_team
from ...services.tool_selection import ToolSelection
from ...services.tools import ToolRegistry

TICKETS = {"url": "https://tickets.invalid/mcp", "tools": ["search", "Read-Ticket"]}


class Nothing(BaseModel):
    """What the tools take."""

    word: str = Field(description="Any.")


def having(*names: str) -> ToolRegistry:
    registry = ToolRegistry()
    for name in names:

        async def run(arguments: Nothing) -> str:
            """Say it."""
            return arguments.word

        run.__name__ = name
        registry.tool(Nothing, Capability.READ)(run)
    return registry


def test_tools_of_servers_come_and_go_and_only_those_of_the_member_are_seen() -> None:
    remote = ToolRegistry()
    mine = ToolSelection(having("calculate", "look_up"), ["calculate"], "research-v1", remote, {"tickets_search"})
    assert [tool.name for tool in mine] == ["calculate"]
    for tool in having("tickets_search", "tickets_delete"):
        remote.add(tool)
    assert [tool.name for tool in mine] == ["calculate", "tickets_search"]
    assert (len(mine), mine.get("tickets_delete"), mine.get("look_up")) == (2, None, None)
    assert mine.get("tickets_search") is remote.get("tickets_search")
    remote.remove("tickets_search")
    assert mine.get("tickets_search") is None


def test_a_server_says_which_members_use_its_tools() -> None:
    config = McpConfig.model_validate({"servers": {"tickets": {**TICKETS, "members": ["research"]}}})
    assert config.tools_of("research") == {"tickets_search", "tickets_read_ticket"}
    assert config.tools_of("writing") == frozenset()


def test_a_server_for_a_member_that_there_is_not_ends_the_start(settings: Settings) -> None:
    config = McpConfig.model_validate({"servers": {"tickets": {**TICKETS, "members": ["resarch"]}}})
    with pytest.raises(ConfigurationError, match=r"tickets: there is no member resarch; there are .*research"):
        build_team(build_resources(settings.model_copy(update={"mcp": config})))


async def test_members_get_them_when_the_team_is_built(settings: Settings) -> None:
    config = McpConfig.model_validate({"servers": {"tickets": {**TICKETS, "members": ["research", "analysis"]}}})
    team = build_team(build_resources(settings.model_copy(update={"mcp": config})))
    (tool,) = having("tickets_search")
    team.answering._parts.registry.add(tool)  # type: ignore[attr-defined]  # as the server's look does
    using = {str(member.name) for member in team.members if member._tools.get("tickets_search")}  # type: ignore[attr-defined]
    assert using == {"research", "analysis"}
