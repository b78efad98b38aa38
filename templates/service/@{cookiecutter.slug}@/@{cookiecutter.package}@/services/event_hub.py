"""The event bus inside of one process; the bus over Redis uses it for the last step."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from ..exceptions.messaging import SlowSubscriberError
from ..interfaces.bus import EventBus, Subscription
from ..models.events import Event
from ..utils.metrics import Metrics
from ..utils.tenancy import current_tenant

_Place = tuple[str, str | None]
"""A tenant, and what is watched."""


class _Buffer(Subscription):
    """Holds the events that a subscriber has not taken yet, up to a bound."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._events: asyncio.Queue[Event | None] = asyncio.Queue()
        self._overflowed = False

    @property
    def full(self) -> bool:
        return self._events.qsize() >= self._capacity

    def put(self, event: Event) -> None:
        self._events.put_nowait(event)

    def overflow(self) -> None:
        """Forget what is held: what comes after a gap would be wrong."""
        self._overflowed = True
        while not self._events.empty():
            self._events.get_nowait()
        self.end()

    def end(self) -> None:
        self._events.put_nowait(None)

    async def __anext__(self) -> Event:
        event = await self._events.get()
        if event is not None:
            return event
        if self._overflowed:
            message = "Too many events at once; subscribe again."
            raise SlowSubscriberError(message)
        raise StopAsyncIteration


class EventHub(EventBus):
    """Hands events to the subscribers of this process.

    A subscriber that is slower than its events never holds up the others: its subscription ends.

    Args:
        capacity: Events that a subscription holds.
        metrics: Where events and subscribers are counted.
    """

    def __init__(self, capacity: int, metrics: Metrics) -> None:
        self._capacity = capacity
        self._metrics = metrics
        self._subscribers: dict[_Place, set[_Buffer]] = defaultdict(set)

    async def start(self) -> None:
        """Begin: there is nothing to do."""

    async def publish(self, event: Event) -> None:
        """Tell an event."""
        self._metrics.events_published.labels(event.type).inc()
        self.deliver(event)

    def deliver(self, event: Event) -> None:
        """Hand an event to whoever of its tenant watches its subject, and to whoever watches all."""
        for place in ((event.tenant, event.subject), (event.tenant, None)):
            for buffer in tuple(self._subscribers.get(place, ())):
                self._deliver(event, place, buffer)

    @contextmanager
    def subscribe(self, subject: str | None = None) -> Iterator[Subscription]:
        """Hear of one subject, or of all, of the tenant."""
        buffer, place = _Buffer(self._capacity), (current_tenant(), subject)
        self._subscribers[place].add(buffer)
        self._metrics.event_subscribers.inc()
        try:
            yield buffer
        finally:
            self._forget(place, buffer)
            self._metrics.event_subscribers.dec()

    async def check(self) -> None:
        """Find out whether events can be told: inside of a process they always can."""

    async def close(self) -> None:
        """End all subscriptions."""
        for buffer in [buffer for buffers in self._subscribers.values() for buffer in buffers]:
            buffer.end()

    def _deliver(self, event: Event, place: _Place, buffer: _Buffer) -> None:
        if not buffer.full:
            buffer.put(event)
            return
        self._metrics.slow_subscribers.inc()
        self._forget(place, buffer)
        buffer.overflow()

    def _forget(self, place: _Place, buffer: _Buffer) -> None:
        buffers = self._subscribers.get(place, set())
        buffers.discard(buffer)
        if not buffers:
            self._subscribers.pop(place, None)
