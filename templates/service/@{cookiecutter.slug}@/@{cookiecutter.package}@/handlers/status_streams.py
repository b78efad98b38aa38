"""Status streams over WebSocket: how an agent or a task stands, and every change of it (docs/events.md)."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from typing import Annotated

import structlog
from anyio import create_task_group, move_on_after
from fastapi import APIRouter, Path, WebSocket, WebSocketDisconnect

from ..exceptions import AgentError
from ..exceptions.exchange import NotFoundError
from ..exceptions.messaging import SlowSubscriberError
from ..interfaces.bus import Subscription
from ..models.events import Event, EventType
from ..models.identity import Identity, Permission
from ..models.registry import AGENT_ID, RegisteredAgent
from ..models.tasks import TASK_ID, Task, TaskStatus
from ..services.container import Container
from ..services.exchange import Exchange
from .errors import error_response
from .exchange import ExchangeDep
from .socket_security import begin, chosen_protocol, permitted

logger = structlog.get_logger(__name__)
router = APIRouter(prefix="/v1", tags=["status"])

SEND_SECONDS = 10.0
"""A client that takes nothing for so long is gone."""
ENDED, REFUSED_DATA, RESTARTING, TRY_AGAIN = 1000, 1003, 1012, 1013  # RFC 6455 and the registry of close codes
LOOK_AGAIN_SECONDS = 30.0
"""After so long without an event the store is asked: an event may be lost, such as while Redis is away."""
REMOVED = "removed"
LAST = frozenset({TaskStatus.SUCCEEDED, TaskStatus.FAILED, REMOVED})
State = Callable[[Exchange, Identity], Awaitable[Task | RegisteredAgent]]
Look = Callable[[], Awaitable[Task | RegisteredAgent]]


@router.websocket("/agents/{agent_id}/status")
async def agent_status(
    websocket: WebSocket, exchange: ExchangeDep, agent_id: Annotated[str, Path(pattern=AGENT_ID)]
) -> None:
    """Stream an agent's status."""
    stream = _Stream(websocket, exchange, f"agents/{agent_id}")
    await stream.serve(Permission.READ_AGENTS, lambda parts, _: parts.registry.get(agent_id))


@router.websocket("/tasks/{task_id}/status")
async def task_status(
    websocket: WebSocket, exchange: ExchangeDep, task_id: Annotated[str, Path(pattern=TASK_ID)]
) -> None:
    """Stream a task's status until it has ended."""
    stream = _Stream(websocket, exchange, f"tasks/{task_id}")
    await stream.serve(Permission.READ_TASKS, lambda parts, identity: parts.tasks.get(task_id, identity))


class _Stream:
    """One client that watches one subject."""

    def __init__(self, websocket: WebSocket, exchange: Exchange, subject: str) -> None:
        self._websocket = websocket
        self._exchange = exchange
        self._subject = subject
        self._container: Container = websocket.app.state.container

    async def serve(self, permission: Permission, state: State) -> None:
        """Refuse the client with a problem answer, or stream to it."""
        begin(self._websocket)
        try:
            identity = await permitted(self._websocket, self._container, permission)
            with self._exchange.streams.one(), self._exchange.bus.subscribe(self._subject) as events:
                look = partial(state, self._exchange, identity)
                snapshot = await look()  # after subscribing: nothing falls between the two
                await self._websocket.accept(subprotocol=chosen_protocol(self._websocket))
                self._count(HTTPStatus.SWITCHING_PROTOCOLS)
                await self._close(await self._stream(partial(self._send_all, look, snapshot, events)))
        except AgentError as error:
            await self._refuse(error)

    async def _stream(self, send_all: Callable[[], Awaitable[int | None]]) -> int | None:
        """Return the code to close with; nothing when the client is gone."""
        code: int | None = ENDED

        async def first(work: Callable[[], Awaitable[int | None]]) -> None:
            nonlocal code
            code = await work()
            group.cancel_scope.cancel()

        with move_on_after(self._container.settings.limits.status_lifetime):
            async with create_task_group() as group:
                group.start_soon(first, send_all)
                group.start_soon(first, self._listen)
        return code

    async def _send_all(self, look: Look, snapshot: Task | RegisteredAgent, events: Subscription) -> int | None:
        try:
            return await self._follow(look, snapshot, events)
        except (SlowSubscriberError, TimeoutError):
            return TRY_AGAIN
        except WebSocketDisconnect:
            return None

    async def _follow(self, look: Look, snapshot: Task | RegisteredAgent, events: Subscription) -> int:
        status = await self._show(snapshot)
        while status not in LAST:
            try:
                async with asyncio.timeout(LOOK_AGAIN_SECONDS):
                    event = await anext(events, None)
            except TimeoutError:
                status = await self._look_again(look, status)
                continue
            if event is None:
                return RESTARTING
            await self._send(event)
            status = REMOVED if event.type is EventType.AGENT_REMOVED else str(event.data.get("new_status", status))
        return ENDED

    async def _look_again(self, look: Look, status: str) -> str:
        """Return how it stands; when that is new, show it."""
        try:
            snapshot = await look()
        except NotFoundError:
            return REMOVED
        except AgentError:
            return status  # the store is away; it is asked again
        return status if snapshot.status == status else await self._show(snapshot)

    async def _show(self, snapshot: Task | RegisteredAgent) -> str:
        data = snapshot.model_dump(mode="json")
        await self._send(Event(type=EventType.SNAPSHOT, subject=self._subject, data=data))
        return str(snapshot.status)

    async def _send(self, event: Event) -> None:
        async with asyncio.timeout(SEND_SECONDS):
            await self._websocket.send_text(event.model_dump_json())

    async def _listen(self) -> int | None:
        """Wait for the client to go away; it has nothing to say."""
        message = await self._websocket.receive()
        return None if message["type"] == "websocket.disconnect" else REFUSED_DATA

    async def _close(self, code: int | None) -> None:
        logger.info("status_stream_closed", stream=self._subject, code=code)
        if code is not None:
            with suppress(RuntimeError, WebSocketDisconnect):  # it went away in the same moment
                await self._websocket.close(code)

    async def _refuse(self, error: AgentError) -> None:
        self._container.metrics.errors.labels(type(error).__name__).inc()
        logger.warning("status_stream_refused", error_type=type(error).__name__, detail=str(error))
        response = error_response(error)
        self._count(response.status_code)
        await self._websocket.send_denial_response(response)

    def _count(self, status: int) -> None:
        route = getattr(self._websocket.scope.get("route"), "path", "unmatched")
        self._container.metrics.requests.labels("WEBSOCKET", route, int(status)).inc()
