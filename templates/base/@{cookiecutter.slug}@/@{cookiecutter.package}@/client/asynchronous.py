"""Sends calls without blocking the event loop."""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from inspect import isawaitable
from typing import Self, TypeVar

import httpx2
import stamina
from httpx2 import EventSource, ServerSentEvent

from . import requests
from .events import Reading, is_events
from .operation import Call, EventCall, Request

Result = TypeVar("Result")


class Asynchronous:
    """The asynchronous client's connections.

    Args:
        url: Where the agent is, such as ``https://agent.example``.
        token: What proves who calls, or what returns it (or an awaitable of it): asked before each request.
        timeout: Seconds that the agent may be silent.
        retries: How often calls are tried.
        transport: How requests travel, such as ``httpx2.AsyncHTTPTransport(verify=…)``.
    """

    def __init__(
        self,
        url: str,
        token: str | Callable[[], str | Awaitable[str]],
        *,
        timeout: float = 60.0,
        retries: requests.Retries | None = None,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self._token = token
        self._retries = retries or requests.Retries()
        self._http = httpx2.AsyncClient(base_url=url, timeout=requests.timeouts(timeout), transport=transport)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def send(self, method: str, route: str, call: Call[Result]) -> Result:
        """Send a call; return its result.

        Raises:
            ClientError: There is none.
        """
        correlation_id = requests.new_correlation_id()
        judge = self._retries.judge(repeatable=call.repeatable)
        async for attempt in stamina.retry_context(judge, self._retries.attempts, timeout=None):
            with attempt:
                return requests.read(await self._sent(method, route, call, correlation_id), call.read)
        raise AssertionError  # the last attempt raised what kept it from succeeding

    def stream(self, method: str, route: str, call: EventCall[Result]) -> "aclosing[AsyncGenerator[Result, None]]":
        """Send a call; return the items of its answer, while they come."""
        return aclosing(self._items(method, route, Reading(call)))

    async def headers(self, request: Request, correlation_id: str) -> dict[str, str]:
        """Return the headers of a request."""
        token = self._token if isinstance(self._token, str) else self._token()
        if isawaitable(token):
            token = await token
        return requests.headers(request, token, correlation_id)

    @property
    def retries(self) -> requests.Retries:
        """How often calls are tried."""
        return self._retries

    @property
    def url(self) -> httpx2.URL:
        """Where the agent is."""
        return self._http.base_url

    async def _items(self, method: str, route: str, reading: Reading[Result]) -> AsyncGenerator[Result, None]:
        correlation_id = requests.new_correlation_id()
        while not reading.ended():
            async with aclosing(await self._begun(method, route, reading.call, correlation_id)) as response:
                try:
                    async for event in _events(response):
                        for item in reading.take(event):
                            yield item
                        if reading.ended():
                            return
                    reading.over()
                except httpx2.HTTPError as error:
                    reading.over(requests.lost(error))

    async def _begun(self, method: str, route: str, request: Request, correlation_id: str) -> httpx2.Response:
        judge = self._retries.judge(repeatable=request.repeatable)
        async for attempt in stamina.retry_context(judge, self._retries.attempts, timeout=None):
            with attempt:
                return await self._sent(method, route, request, correlation_id, stream=True)
        raise AssertionError

    async def _sent(
        self, method: str, route: str, request: Request, correlation_id: str, *, stream: bool = False
    ) -> httpx2.Response:
        headers = await self.headers(request, correlation_id)
        try:
            response = await self._http.send(requests.built(self._http, method, route, request, headers), stream=stream)
            if not response.is_success:
                await response.aread()
        except httpx2.HTTPError as error:
            raise requests.lost(error) from error
        requests.check(response)
        return response


async def _events(response: httpx2.Response) -> AsyncIterator[ServerSentEvent]:
    if is_events(response):
        async for event in EventSource(response):
            yield event
    else:
        async for line in response.aiter_lines():
            yield ServerSentEvent(data=line)
