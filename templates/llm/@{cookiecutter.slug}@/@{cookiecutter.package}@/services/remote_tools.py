"""The tools of servers: checked, described and registered as any other tool, as long as their server can be had.

What a server says about its tools goes to the model: it is looked at by the guard as everything that others write.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import structlog
from jsonschema import Draft202012Validator, SchemaError, validators
from pydantic import AfterValidator, BaseModel, JsonValue, RootModel, WithJsonSchema
from referencing import Registry
from referencing.exceptions import Unresolvable

from ..config.mcp import McpConfig, local_name
from ..exceptions import AgentError, CommunicationError, ConfigurationError
from ..interfaces.tool import Capability, Tool
from ..interfaces.tool_server import RemoteTool, ToolServer
from .mcp_server import McpServer
from .periodic import Periodic
from .text_guard import findings
from .tools import ToolRegistry

logger = structlog.get_logger(__name__)

REFRESH_SECONDS = 30.0
MAX_DESCRIPTION = 1_000
MAX_SCHEMA = 10_000
GRACE_SECONDS = 1.0
"""The server's own time limit comes first, so that its circuit breaker counts."""

# a server's pattern could hold the process up: it checks those itself
_Arguments = validators.extend(Draft202012Validator, {"pattern": None})  # type: ignore[no-untyped-call]


@dataclass(frozen=True)
class Allowed:
    """A server, the tools of it that may be used, and how long a call may take."""

    server: ToolServer
    tools: tuple[str, ...]
    timeout: float


class RemoteTools:
    """Looks again and again what the servers offer.

    Args:
        servers: Who offers tools.
        registry: Where the tools go.
        periodic: Looks again.
    """

    def __init__(self, servers: Sequence[Allowed], registry: ToolRegistry, periodic: Periodic) -> None:
        self._servers = tuple(servers)
        self._registry = registry
        self._periodic = periodic
        self._registered: dict[str, tuple[str, ...]] = {}
        self._looked = asyncio.Event()

    async def open(self) -> None:
        """Begin to look; return when every server was tried once."""
        self._periodic.start("remote-tools", self._refresh, REFRESH_SECONDS)
        await self._looked.wait()

    async def check(self) -> Mapping[str, bool]:
        """Return of each server whether all of its tools can be had now."""
        found = await asyncio.gather(*(self._look(allowed) for allowed in self._servers))
        return {f"tools_{allowed.server.name}": there for allowed, there in zip(self._servers, found, strict=True)}

    async def close(self) -> None:
        """Close all sessions."""
        await asyncio.gather(*(allowed.server.close() for allowed in self._servers))

    async def _refresh(self) -> None:
        try:
            await self.check()
        finally:
            self._looked.set()

    async def _look(self, allowed: Allowed) -> bool:
        """Register what the server offers now; nothing when it is away."""
        name = allowed.server.name
        try:
            offered = {tool.name: tool for tool in await allowed.server.tools()}
        except CommunicationError as error:
            logger.warning("tool_server_away", server=name, error_type=type(error).__name__)
            offered = {}
        for known in self._registered.pop(name, ()):
            self._registry.remove(known)
        wanted = [offered[tool] for tool in allowed.tools if tool in offered]
        self._registered[name] = tuple(filter(None, (self._registered_as(allowed, tool) for tool in wanted)))
        return len(self._registered[name]) == len(allowed.tools)

    def _registered_as(self, allowed: Allowed, offered: RemoteTool) -> str | None:
        """Return the tool's name in the registry, or nothing when it is not fit for a model."""
        try:
            tool = _tool(allowed, offered)
            self._registry.add(tool)
        except (AgentError, SchemaError) as error:
            logger.warning("remote_tool_refused", server=allowed.server.name, detail=str(error)[:200])
            return None
        return tool.name


def build_remote_tools(config: McpConfig, registry: ToolRegistry, periodic: Periodic) -> RemoteTools:
    """Return the tools of all servers of the configuration.

    Raises:
        ConfigurationError: A token is not set.
    """
    servers = [
        Allowed(McpServer(name, server), server.tools, server.timeout) for name, server in config.servers.items()
    ]
    return RemoteTools(servers, registry, periodic)


def _tool(allowed: Allowed, offered: RemoteTool) -> Tool:
    described = "\n".join((offered.description, *_texts(offered.parameters)))
    if found := findings(described):
        message = f"its description reads like an attack ({', '.join(found)})"
        raise ConfigurationError(message)
    if len(described) > MAX_SCHEMA:
        message = "its description is too long"
        raise ConfigurationError(message)

    async def run(arguments: RootModel[dict[str, JsonValue]]) -> str:
        return await allowed.server.call(offered.name, arguments.root)

    return Tool(
        name=local_name(allowed.server.name, offered.name),
        description=offered.description.strip()[:MAX_DESCRIPTION],
        arguments=_arguments(offered.parameters),
        run=run,
        capabilities=frozenset({Capability.FIND}),
        timeout=allowed.timeout + GRACE_SECONDS,
    )


def _texts(value: JsonValue) -> Iterator[str]:
    """Yield every text in a schema."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from value
        yield from (text for part in value.values() for text in _texts(part))
    elif isinstance(value, list):
        yield from (text for part in value for text in _texts(part))


def _arguments(schema: dict[str, Any]) -> type[BaseModel]:
    """Return what checks arguments against a schema; addresses in the schema are never looked up."""
    if schema.get("type") != "object":
        message = "what it takes is no object"
        raise ConfigurationError(message)
    Draft202012Validator.check_schema(schema)
    validator = _Arguments(schema, registry=Registry())

    def fits(arguments: dict[str, JsonValue]) -> dict[str, JsonValue]:
        try:
            error = next(validator.iter_errors(arguments), None)
        except (Unresolvable, RecursionError):
            message = "the tool's schema cannot be read"
            raise ValueError(message) from None
        if error is not None:
            raise ValueError(error.message)
        return arguments

    checked = Annotated[dict[str, JsonValue], AfterValidator(fits), WithJsonSchema(schema)]
    return RootModel[checked]
