"""An operation of the API, described once for both clients.

A function takes the operation's arguments and returns a :class:`Call`; as an attribute of a client it sends the call:

    ask = Operation("POST", "/v1/answers", _ask)
"""

from collections.abc import AsyncGenerator, Callable, Coroutine, Generator, Mapping
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from dataclasses import dataclass, field
from functools import update_wrapper
from typing import Any, Generic, ParamSpec, Protocol, Self, TypeVar, overload

from httpx2 import ServerSentEvent
from pydantic import BaseModel

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")
Values = Mapping[str, str | int | None]
"""By name; what is ``None`` is left out."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """What goes along with one request.

    Args:
        body: Sent as JSON, without what is as it would be anyway.
        parts: Of the path, by name.
        query: Behind the path.
        headers: Beside those that every request has.
        repeatable: Whether it does no harm to send it again when nobody knows whether it arrived.
    """

    body: BaseModel | None = None
    parts: Values = field(default_factory=dict)
    query: Values = field(default_factory=dict)
    headers: Values = field(default_factory=dict)
    repeatable: bool = False


@dataclass(frozen=True, kw_only=True)
class Call(Request, Generic[Result]):
    """A request, and what makes the result of the answer's body."""

    read: Callable[[bytes], Result]


@dataclass(frozen=True, kw_only=True)
class EventCall(Request, Generic[Result]):
    """A request that is answered with a stream of events or lines.

    Args:
        read: Makes an item of an event, or of a line as an event's data; ``None`` when it is of no interest.
        last: The name of the event without which a stream was cut; lines have none.
        resumable: Whether a stream that was cut is asked for again, from the last event that came.
    """

    read: Callable[[ServerSentEvent], Result | None]
    last: str | None = "done"
    resumable: bool = False


class BlockingSender(Protocol):
    """What sends calls and waits."""

    def send(self, method: str, route: str, call: Call[Result]) -> Result:
        """Return the result."""

    def stream(
        self, method: str, route: str, call: EventCall[Result]
    ) -> AbstractContextManager[Generator[Result, None, None]]:
        """Return the items while they come."""


class AsynchronousSender(Protocol):
    """What sends calls without blocking."""

    async def send(self, method: str, route: str, call: Call[Result]) -> Result:
        """Return the result."""

    def stream(
        self, method: str, route: str, call: EventCall[Result]
    ) -> AbstractAsyncContextManager[AsyncGenerator[Result, None]]:
        """Return the items while they come."""


@dataclass(frozen=True)
class _Described(Generic[Arguments, Result]):
    """Where an operation is found."""

    method: str
    route: str
    make: Callable[Arguments, Result]


class Operation(_Described[Arguments, Call[Result]]):
    """One request, one answer."""

    @overload
    def __get__(self, client: None, owner: type) -> Self: ...

    @overload
    def __get__(self, client: BlockingSender, owner: type) -> Callable[Arguments, Result]: ...

    @overload
    def __get__(self, client: AsynchronousSender, owner: type) -> Callable[Arguments, Coroutine[Any, Any, Result]]: ...

    def __get__(self, client: BlockingSender | AsynchronousSender | None, owner: type) -> object:
        """Return what makes the call and sends it."""
        if client is None:
            return self

        def sent(*args: Arguments.args, **kwargs: Arguments.kwargs) -> object:
            return client.send(self.method, self.route, self.make(*args, **kwargs))

        return update_wrapper(sent, self.make)


class StreamOperation(_Described[Arguments, EventCall[Result]]):
    """One request, answered piece by piece: to be used with ``with``, so that leaving early ends the work."""

    @overload
    def __get__(self, client: None, owner: type) -> Self: ...

    @overload
    def __get__(
        self, client: BlockingSender, owner: type
    ) -> Callable[Arguments, AbstractContextManager[Generator[Result, None, None]]]: ...

    @overload
    def __get__(
        self, client: AsynchronousSender, owner: type
    ) -> Callable[Arguments, AbstractAsyncContextManager[AsyncGenerator[Result, None]]]: ...

    def __get__(self, client: BlockingSender | AsynchronousSender | None, owner: type) -> object:
        """Return what makes the call and streams its answer."""
        if client is None:
            return self

        def streamed(*args: Arguments.args, **kwargs: Arguments.kwargs) -> object:
            return client.stream(self.method, self.route, self.make(*args, **kwargs))

        return update_wrapper(streamed, self.make)
