"""Servers of tools (Model Context Protocol): ``config/mcp.yaml``, by environment. None by default."""

import re
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, PositiveFloat, StringConstraints, model_validator

from ..models.fields import SecureUrl
from .parts import Part

ServerName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]{1,15}$")]
"""Stands before the names of the server's tools."""

Variable = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]*$")]


class McpServerConfig(Part):
    """One server: at an address, or a program on this machine."""

    url: SecureUrl | None = Field(default=None, description="Streamable HTTP; with TLS unless it is on this machine.")
    token_env: Variable | None = Field(default=None, description="The variable with the bearer token, or its _FILE.")
    tls_ca: Path | None = Field(default=None, description="Who signs the server's certificate; default: the system's.")
    command: tuple[str, ...] = Field(default=(), description="The program's absolute path and its arguments.")
    variables: tuple[Variable, ...] = Field(default=(), description="Variables that the program gets to see.")
    tools: tuple[str, ...] = Field(min_length=1, description="The tools that may be used, by the server's own names.")
    timeout: PositiveFloat = Field(default=5.0, description="Seconds for one call.")
    members: tuple[str, ...] = Field(
        default=(), description="Of a team: who may use them, beside the agent that answers questions."
    )

    @model_validator(mode="after")
    def _one_way_to_reach_it(self) -> Self:
        if (self.url is None) == (not self.command):
            message = "name either its url or its command"
            raise ValueError(message)
        return self


class McpConfig(Part):
    """The servers of one environment, and the programs that may be started at all."""

    commands: tuple[str, ...] = Field(default=(), description="Programs that may be started, by absolute path.")
    servers: dict[ServerName, McpServerConfig] = Field(default={}, description="The servers, by name.")

    @model_validator(mode="after")
    def _programs_are_allowed(self) -> Self:
        if relative := [path for path in self.commands if not Path(path).is_absolute()]:
            message = f"commands: {', '.join(relative)} must be absolute paths"
            raise ValueError(message)
        for name, server in self.servers.items():
            if server.command and server.command[0] not in self.commands:
                message = f"{name}: {server.command[0]} is not among commands"
                raise ValueError(message)
        return self

    def tools_of(self, member: str) -> frozenset[str]:
        """Return the tools that a member of a team may use, by the names that models see."""
        mine = {name: server for name, server in self.servers.items() if member in server.members}
        return frozenset(local_name(name, tool) for name, server in mine.items() for tool in server.tools)


def local_name(server: str, tool: str) -> str:
    """Return the name that a model gets to see: no tool of a server takes the name of another one."""
    return f"{server}_{re.sub('[^a-z0-9]+', '_', tool.casefold()).strip('_')}"
