"""Servers of the Model Context Protocol: over HTTP, or as a program on this machine."""

import asyncio
import os
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import cast

import httpx2
from mcp import Client, MCPError, StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.types import (
    CONNECTION_CLOSED,
    INVALID_PARAMS,
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    CallToolResult,
    RequestParamsMeta,
    TextContent,
)
from pydantic import JsonValue

from ..config.mcp import McpServerConfig
from ..config.secrets import Secret, named_secret
from ..exceptions import AgentError, DependencyRefusedError, DependencyTimeoutError, DependencyUnavailableError
from ..interfaces.tool_server import RemoteTool, ToolServer
from ..utils.idempotency import current_idempotency_key
from .mcp_session import McpSession, Question, Result
from .resilience import Policy, Resilience

CONNECT_TIMEOUT_SECONDS = 2.0
MAX_BYTES = 2_000_000
"""The longest message of a server."""
MAX_PAGES = 20
FAILURES_THAT_OPEN = 3
LEFT_ALONE_SECONDS = 15.0
REFUSALS = (INVALID_PARAMS, INVALID_REQUEST, METHOD_NOT_FOUND)


class McpServer(ToolServer):
    """Keeps one session, and opens the next one when it broke.

    Args:
        name: Its name in the configuration.
        config: Where it is.

    Raises:
        ConfigurationError: Its token is not set.
    """

    def __init__(self, name: str, config: McpServerConfig) -> None:
        self._name = name
        self._config = config
        self._token = named_secret(config.token_env) if config.token_env else None
        # without retries: a call may have changed something
        policy = Policy(timeout=config.timeout, retries=0, threshold=FAILURES_THAT_OPEN, cooldown=LEFT_ALONE_SECONDS)
        self._guard = Resilience(f"the tool server {name}", policy)
        self._session: McpSession | None = None
        self._opening = asyncio.Lock()

    @property
    def name(self) -> str:
        """Its name in the configuration."""
        return self._name

    async def tools(self) -> Sequence[RemoteTool]:
        """Return every tool that it offers."""
        try:
            return await self._guard.call(lambda: self._ask(_listed))
        except DependencyTimeoutError:
            await self.close()  # it may hang for good: the next look begins anew
            raise

    async def call(self, tool: str, arguments: dict[str, JsonValue]) -> str:
        """Return what a tool says; a server that knows the key does not do twice what is asked for twice."""
        key = current_idempotency_key()
        meta = None if key is None else cast("RequestParamsMeta", {"idempotencyKey": key})

        async def called(client: Client) -> CallToolResult:
            return await client.call_tool(tool, dict(arguments), meta=meta)

        result = await self._guard.call(lambda: self._ask(called))
        text = _text(result)
        if result.is_error:
            raise DependencyRefusedError(text or "it does not say why")
        return text

    async def close(self) -> None:
        """End the session."""
        if self._session is not None:
            await self._session.close()

    async def _ask(self, question: Question[Result]) -> Result:
        session = await self._opened()
        try:
            return await session.ask(question)
        except AgentError:
            raise
        except Exception as error:  # whatever the protocol's package makes of a server that misbehaves
            code = error.error.code if isinstance(error, MCPError) else None
            if code in REFUSALS:
                message = f"the tool server {self._name} refused the request"
                raise DependencyRefusedError(message) from error
            if code == CONNECTION_CLOSED:
                await session.close()
            message = f"the tool server {self._name} failed ({type(error).__name__})"
            raise DependencyUnavailableError(message) from error

    async def _opened(self) -> McpSession:
        async with self._opening:
            if self._session is not None and self._session.lost:
                self._session = None
            if self._session is None:
                self._session = McpSession(self._connected())
            return self._session

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[Client]:
        if self._config.url is None:
            async with Client(stdio_client(_program(self._config)), cache=None) as client:
                yield client
            return
        async with http_client(self._config, self._token) as http:
            transport = streamable_http_client(str(self._config.url), http_client=http, max_sse_event_size=MAX_BYTES)
            async with Client(transport, cache=None) as client:
                yield client


def http_client(config: McpServerConfig, token: Secret | None) -> httpx2.AsyncClient:
    """Return the client for one server: with its token, its certificates and a bound for what it sends."""

    async def authorize(request: httpx2.Request) -> None:
        if token is not None:
            request.headers["Authorization"] = f"Bearer {token.value()}"

    context = ssl.create_default_context(cafile=str(config.tls_ca)) if config.tls_ca else httpx2.create_ssl_context()
    return httpx2.AsyncClient(
        timeout=httpx2.Timeout(config.timeout, connect=CONNECT_TIMEOUT_SECONDS, read=None),  # streams stay open
        event_hooks={"request": [authorize], "response": [_bound]},
        verify=context,
    )


async def _bound(response: httpx2.Response) -> None:
    """Bound what is not a stream of events; the events of a stream are bounded one by one."""
    is_stream = response.headers.get("content-type", "").startswith("text/event-stream")
    if isinstance(response.stream, httpx2.AsyncByteStream) and not is_stream:
        response.stream = _Bounded(response.stream)


class _Bounded(httpx2.AsyncByteStream):
    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncGenerator[bytes, None]:
        seen = 0
        async for chunk in self._stream:
            seen += len(chunk)
            if seen > MAX_BYTES:
                message = "the tool server's answer is too long"
                raise httpx2.ReadError(message)
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


def _program(config: McpServerConfig) -> StdioServerParameters:
    """Return how the program is started: never by a shell, with the few variables of any program and those named."""
    command, *arguments = config.command
    variables = {name: os.environ[name] for name in config.variables if name in os.environ}
    return StdioServerParameters(command=command, args=arguments, env=variables)


async def _listed(client: Client) -> Sequence[RemoteTool]:
    tools: list[RemoteTool] = []
    cursor: str | None = None
    for _ in range(MAX_PAGES):
        page = await client.list_tools(cursor=cursor)
        tools += [
            RemoteTool(name=tool.name, description=tool.description or "", parameters=dict(tool.input_schema))
            for tool in page.tools
        ]
        cursor = page.next_cursor
        if cursor is None:
            break
    return tools


def _text(result: CallToolResult) -> str:
    parts = [part.text if isinstance(part, TextContent) else f"[{part.type}: not shown]" for part in result.content]
    return "\n".join(parts)
