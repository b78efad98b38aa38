"""Telling what happened, without making the telling a condition of what happens."""

import structlog

from ..exceptions import DependencyUnavailableError
from ..interfaces.bus import EventBus
from ..models.events import Event
from ..utils.metrics import Metrics

logger = structlog.get_logger(__name__)


class Announcer:
    """Publishes events; a bus that is away is counted, and nothing fails because of it.

    The store holds the state: who misses an event reads it there.
    """

    def __init__(self, bus: EventBus, metrics: Metrics) -> None:
        self._bus = bus
        self._metrics = metrics

    async def tell(self, event: Event) -> None:
        """Publish an event, if it can be."""
        try:
            await self._bus.publish(event)
        except DependencyUnavailableError as error:
            self._metrics.errors.labels(type(error).__name__).inc()
            logger.warning("event_not_told", event_type=event.type, subject_changed=event.subject)
