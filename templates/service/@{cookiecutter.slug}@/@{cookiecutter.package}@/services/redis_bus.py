"""The event bus over a Redis stream: one reader in each replica, which hands events to the subscribers there."""

import asyncio
from contextlib import AbstractContextManager, suppress
from typing import Any

import structlog
from pydantic import ValidationError
from redis.asyncio import Redis

from ..exceptions import DependencyUnavailableError
from ..interfaces.bus import EventBus, Subscription
from ..models.events import Event
from ..utils.metrics import Metrics
from ..utils.tenancy import DEFAULT_TENANT
from .event_hub import EventHub
from .redis_errors import reaching, reaching_soon

logger = structlog.get_logger(__name__)

EVENTS_KEPT = 10_000
"""How far a reader may fall behind, such as while Redis cannot be reached, without missing any."""
BLOCK_MILLISECONDS = 1_000
PAUSE_SECONDS = 1.0


class RedisEventBus(EventBus):
    """Tells events to the subscribers of every replica.

    Args:
        redis: The connections; answers have to be decoded to text.
        stream: The name of the stream.
        hub: Hands events to the subscribers of this process.
        metrics: Where events are counted.
    """

    def __init__(self, redis: Redis, stream: str, hub: EventHub, metrics: Metrics) -> None:
        self._redis = redis
        self._stream = stream
        self._hub = hub
        self._metrics = metrics
        self._last: str | None = None
        self._closing = False
        self._reader: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to listen."""
        self._reader = asyncio.create_task(self._read_on(), name="event-bus")

    async def publish(self, event: Event) -> None:
        """Tell an event."""
        try:
            async with reaching_soon("the event bus"):
                await self._redis.xadd(
                    self._stream, {"event": event.model_dump_json(), "tenant": event.tenant}, maxlen=EVENTS_KEPT
                )
        except DependencyUnavailableError:
            self._hub.deliver(event)  # who watches here sees it all the same
            raise
        self._metrics.events_published.labels(event.type).inc()

    def subscribe(self, subject: str | None = None) -> AbstractContextManager[Subscription]:
        """Hear of one subject, or of all."""
        return self._hub.subscribe(subject)

    async def check(self) -> None:
        """Ask Redis for a sign of life."""
        async with reaching_soon("the event bus"):
            await self._redis.ping()

    async def close(self) -> None:
        """Stop listening and end all subscriptions."""
        self._closing = True  # a cancelled command may end as a failed one
        if self._reader is not None:
            self._reader.cancel()
            with suppress(asyncio.CancelledError):
                await self._reader
        await self._hub.close()

    async def _read_on(self) -> None:
        while not self._closing:
            try:
                await self._read()
            except DependencyUnavailableError as error:
                self._metrics.errors.labels(type(error).__name__).inc()
                logger.warning("event_bus_unreachable", detail=str(error))
                await asyncio.sleep(PAUSE_SECONDS)  # and then go on where the reader was

    async def _read(self) -> None:
        with reaching("the event bus"):
            after = self._last = self._last or await self._end()
            streams: Any = await self._redis.xread({self._stream: after}, count=100, block=BLOCK_MILLISECONDS)
        for _, entries in streams or ():
            for place, fields in entries:
                self._last = place
                self._deliver(fields.get("event", ""), fields.get("tenant", DEFAULT_TENANT))

    async def _end(self) -> str:
        newest: Any = await self._redis.xrevrange(self._stream, count=1)
        return newest[0][0] if newest else "0"

    def _deliver(self, text: str, tenant: str) -> None:
        try:
            event = Event.model_validate_json(text)
        except ValidationError:
            logger.warning("event_unreadable", stream=self._stream)
            return
        self._hub.deliver(event.model_copy(update={"tenant": tenant}))
