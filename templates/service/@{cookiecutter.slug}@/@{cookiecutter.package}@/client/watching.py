"""Status streams: how a task or an agent stands, and every change of it (``docs/events.md``)."""

from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import AbstractAsyncContextManager, AbstractContextManager, aclosing, closing
from dataclasses import dataclass
from typing import Generic, ParamSpec, Self, overload

import httpx2
import stamina
from websockets.asyncio import client as asynchronous_sockets
from websockets.exceptions import ConnectionClosedError, InvalidHandshake, InvalidStatus
from websockets.sync import client as blocking_sockets

from ..exceptions.client import ClientError, NoAnswerError, UnreachableError
from ..models.events import Event
from ..utils.correlation import HEADER
from . import requests
from .asynchronous import Asynchronous
from .blocking import Blocking
from .events import CUTS
from .operation import Request

Arguments = ParamSpec("Arguments")

TRY_AGAIN = frozenset({1012, 1013})
"""Close codes that mean: open it again."""
FAILED = (OSError, TimeoutError, InvalidHandshake)


@dataclass(frozen=True)
class WatchOperation(Generic[Arguments]):
    """A status stream: to be used with ``with``; opened again where the service says so."""

    route: str
    make: Callable[Arguments, Request]

    @overload
    def __get__(self, client: None, owner: type) -> Self: ...

    @overload
    def __get__(
        self, client: Blocking, owner: type
    ) -> Callable[Arguments, AbstractContextManager[Generator[Event, None, None]]]: ...

    @overload
    def __get__(
        self, client: Asynchronous, owner: type
    ) -> Callable[Arguments, AbstractAsyncContextManager[AsyncGenerator[Event, None]]]: ...

    def __get__(self, client: Blocking | Asynchronous | None, owner: type) -> object:
        """Return what opens the stream."""
        if client is None:
            return self

        def watched(*args: Arguments.args, **kwargs: Arguments.kwargs) -> object:
            request = self.make(*args, **kwargs)
            if isinstance(client, Blocking):
                return closing(_events(client, self.route, request))
            return aclosing(_events_later(client, self.route, request))

        return watched


def _events(client: Blocking, route: str, request: Request) -> Generator[Event, None, None]:
    correlation_id, cuts = requests.new_correlation_id(), 0
    while True:
        with _opened(client, route, request, correlation_id) as socket:
            try:
                for message in socket:
                    cuts = 0
                    yield Event.model_validate_json(message)
                return
            except ConnectionClosedError as error:
                cuts = _after(error, cuts)


async def _events_later(client: Asynchronous, route: str, request: Request) -> AsyncGenerator[Event, None]:
    correlation_id, cuts = requests.new_correlation_id(), 0
    while True:
        async with await _opened_later(client, route, request, correlation_id) as socket:
            try:
                async for message in socket:
                    cuts = 0
                    yield Event.model_validate_json(message)
                return
            except ConnectionClosedError as error:
                cuts = _after(error, cuts)


def _opened(client: Blocking, route: str, request: Request, correlation_id: str) -> blocking_sockets.ClientConnection:
    for attempt in stamina.retry_context(client.retries.judge(repeatable=True), client.retries.attempts, timeout=None):
        with attempt:
            headers = client.headers(request, correlation_id)
            try:
                return blocking_sockets.connect(_address(client.url, route, request), additional_headers=headers)
            except FAILED as error:
                raise _refused(error, correlation_id) from error
    raise AssertionError  # the last attempt raised what kept it from succeeding


async def _opened_later(
    client: Asynchronous, route: str, request: Request, correlation_id: str
) -> asynchronous_sockets.ClientConnection:
    judge = client.retries.judge(repeatable=True)
    async for attempt in stamina.retry_context(judge, client.retries.attempts, timeout=None):
        with attempt:
            headers = await client.headers(request, correlation_id)
            try:
                address = _address(client.url, route, request)
                return await asynchronous_sockets.connect(address, additional_headers=headers)
            except FAILED as error:
                raise _refused(error, correlation_id) from error
    raise AssertionError


def _address(url: httpx2.URL, route: str, request: Request) -> str:
    path = url.path.rstrip("/") + requests.path(route, request.parts)
    return str(url.copy_with(scheme={"https": "wss"}.get(url.scheme, "ws"), raw_path=path.encode()))


def _refused(error: Exception, correlation_id: str) -> ClientError:
    if not isinstance(error, InvalidStatus):
        return UnreachableError(f"The agent cannot be reached ({type(error).__name__}).")
    asked = httpx2.Request("GET", "ws://agent", headers={HEADER: correlation_id})
    told = error.response
    response = httpx2.Response(
        told.status_code, headers=list(told.headers.raw_items()), content=bytes(told.body), request=asked
    )
    try:
        requests.check(response)
    except ClientError as problem:
        return problem
    return UnreachableError("The agent answered, and opened no stream.")


def _after(error: ConnectionClosedError, cuts: int) -> int:
    """Return how often in a row the stream was cut; raise when it is not to be opened again."""
    code = error.rcvd.code if error.rcvd else None
    if code not in TRY_AGAIN or cuts + 1 >= CUTS:
        message = f"The stream was cut before its end ({code})."
        raise NoAnswerError(message) from error
    return cuts + 1


def _watch_task(task_id: str) -> Request:
    return Request(parts={"task_id": task_id})


def _watch_agent(agent_id: str) -> Request:
    return Request(parts={"agent_id": agent_id})


class Watching:
    """How things stand, while they change: a snapshot first, then every change."""

    watch_task = WatchOperation("/v1/tasks/{task_id}/status", _watch_task)
    watch_agent = WatchOperation("/v1/agents/{agent_id}/status", _watch_agent)
