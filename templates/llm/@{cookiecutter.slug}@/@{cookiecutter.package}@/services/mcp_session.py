"""A session with a server of the Model Context Protocol.

A session belongs to the task that opened it: a task of its own holds it, and calls come from others. When the
connection breaks, that task ends, and so does every call that waits.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import TypeVar

import structlog
from mcp import Client

from ..exceptions import DependencyUnavailableError

logger = structlog.get_logger(__name__)

Result = TypeVar("Result")
CLOSE_SECONDS = 8.0
"""A program is asked to leave, then terminated, then killed, each after two seconds."""

Question = Callable[[Client], Awaitable[Result]]


class McpSession:
    """One session, from its beginning to its end.

    Args:
        connected: Opens and closes the client.
    """

    def __init__(self, connected: AbstractAsyncContextManager[Client]) -> None:
        self._client: asyncio.Future[Client] = asyncio.get_running_loop().create_future()
        self._over = asyncio.Event()
        self._holder = asyncio.create_task(self._hold(connected))

    @property
    def lost(self) -> bool:
        """Whether it is over, or about to be."""
        return self._over.is_set() or self._holder.done()

    async def ask(self, question: Question[Result]) -> Result:
        """Return the answer of the server.

        Raises:
            DependencyUnavailableError: The session could not be opened, or ended before there was an answer.
        """
        asking = asyncio.create_task(self._asked(question))
        try:
            await asyncio.wait({asking, self._holder}, return_when=asyncio.FIRST_COMPLETED)
            if asking.done():
                return asking.result()
        finally:
            asking.cancel()
        message = "the connection to the tool server broke"
        raise DependencyUnavailableError(message)

    async def close(self) -> None:
        """End it, softly when it ever began."""
        self._over.set()
        if self._client.done():
            await asyncio.wait({self._holder}, timeout=CLOSE_SECONDS)
        self._holder.cancel()
        await asyncio.wait({self._holder}, timeout=CLOSE_SECONDS)

    async def _hold(self, connected: AbstractAsyncContextManager[Client]) -> None:
        try:
            async with connected as client:
                self._client.set_result(client)
                await self._over.wait()
        except Exception as error:  # noqa: BLE001  # whatever it is, those who ask find the session lost
            logger.debug("tool_server_session_lost", error_type=type(error).__name__)

    async def _asked(self, question: Question[Result]) -> Result:
        return await question(await asyncio.shield(self._client))
