"""Sends calls and waits for their answers."""

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from typing import Self, TypeVar

import httpx2
import stamina
from httpx2 import EventSource, ServerSentEvent

from . import requests
from .events import Reading, is_events
from .operation import Call, EventCall, Request

Result = TypeVar("Result")


class Blocking:
    """The blocking client's connections. Threads may share it.

    Args:
        url: Where the agent is, such as ``https://agent.example``.
        token: What proves who calls, or what returns it: asked before each request, so it may be renewed.
        timeout: Seconds that the agent may be silent.
        retries: How often calls are tried.
        transport: How requests travel, such as ``httpx2.HTTPTransport(verify=…)``.
    """

    def __init__(
        self,
        url: str,
        token: str | Callable[[], str],
        *,
        timeout: float = 60.0,
        retries: requests.Retries | None = None,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        self._token = token
        self._retries = retries or requests.Retries()
        self._http = httpx2.Client(base_url=url, timeout=requests.timeouts(timeout), transport=transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def send(self, method: str, route: str, call: Call[Result]) -> Result:
        """Send a call; return its result.

        Raises:
            ClientError: There is none.
        """
        correlation_id = requests.new_correlation_id()
        judge = self._retries.judge(repeatable=call.repeatable)
        for attempt in stamina.retry_context(judge, self._retries.attempts, timeout=None):
            with attempt:
                return requests.read(self._sent(method, route, call, correlation_id), call.read)
        raise AssertionError  # the last attempt raised what kept it from succeeding

    def stream(self, method: str, route: str, call: EventCall[Result]) -> "closing[Generator[Result, None, None]]":
        """Send a call; return the items of its answer, while they come."""
        return closing(self._items(method, route, Reading(call)))

    def headers(self, request: Request, correlation_id: str) -> dict[str, str]:
        """Return the headers of a request."""
        token = self._token if isinstance(self._token, str) else self._token()
        return requests.headers(request, token, correlation_id)

    @property
    def retries(self) -> requests.Retries:
        """How often calls are tried."""
        return self._retries

    @property
    def url(self) -> httpx2.URL:
        """Where the agent is."""
        return self._http.base_url

    def _items(self, method: str, route: str, reading: Reading[Result]) -> Generator[Result, None, None]:
        correlation_id = requests.new_correlation_id()
        while not reading.ended():
            with closing(self._begun(method, route, reading.call, correlation_id)) as response:
                try:
                    for event in _events(response):
                        yield from reading.take(event)
                        if reading.ended():
                            return
                    reading.over()
                except httpx2.HTTPError as error:
                    reading.over(requests.lost(error))

    def _begun(self, method: str, route: str, request: Request, correlation_id: str) -> httpx2.Response:
        judge = self._retries.judge(repeatable=request.repeatable)
        for attempt in stamina.retry_context(judge, self._retries.attempts, timeout=None):
            with attempt:
                return self._sent(method, route, request, correlation_id, stream=True)
        raise AssertionError

    def _sent(
        self, method: str, route: str, request: Request, correlation_id: str, *, stream: bool = False
    ) -> httpx2.Response:
        headers = self.headers(request, correlation_id)
        try:
            response = self._http.send(requests.built(self._http, method, route, request, headers), stream=stream)
            if not response.is_success:
                response.read()
        except httpx2.HTTPError as error:
            raise requests.lost(error) from error
        requests.check(response)
        return response


def _events(response: httpx2.Response) -> Iterator[ServerSentEvent]:
    if is_events(response):
        return iter(EventSource(response))
    return (ServerSentEvent(data=line) for line in response.iter_lines())
