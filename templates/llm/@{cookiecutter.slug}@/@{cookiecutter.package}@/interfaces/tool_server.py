"""A server that offers tools."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import JsonValue


@dataclass(frozen=True, kw_only=True)
class RemoteTool:
    """A tool as its server describes it: text of others, not to be trusted.

    Args:
        name: The server's own name for it.
        description: What it does.
        parameters: The JSON schema of what it takes.
    """

    name: str
    description: str
    parameters: dict[str, JsonValue]


class ToolServer(ABC):
    """Lists tools and calls them."""

    @property
    @abstractmethod
    def name(self) -> str:
        """Its name in the configuration."""

    @abstractmethod
    async def tools(self) -> Sequence[RemoteTool]:
        """Return every tool that it offers.

        Raises:
            CommunicationError: It cannot be had.
        """

    @abstractmethod
    async def call(self, tool: str, arguments: dict[str, JsonValue]) -> str:
        """Return what a tool says.

        Raises:
            DependencyRefusedError: The tool failed; the message is its own.
            CommunicationError: The server cannot be had, or did not answer in time.
        """

    @abstractmethod
    async def close(self) -> None:
        """Release the connection, or end the program."""
