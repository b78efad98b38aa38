"""The event bus: everybody who watches hears of a change."""

from abc import ABC, abstractmethod
from contextlib import AbstractContextManager

from ..models.events import Event


class Subscription(ABC):
    """The events for one subscriber, in order."""

    def __aiter__(self) -> "Subscription":
        """Iterate over the events."""
        return self

    @abstractmethod
    async def __anext__(self) -> Event:
        """Return the next event; ends when the bus is closed.

        Raises:
            SlowSubscriberError: More events came than the subscription holds; some are lost.
        """


class EventBus(ABC):
    """Tells events to all subscribers that are there, in every replica.

    Nothing is kept for a subscriber that is not there: whoever needs the state reads it after subscribing.
    """

    @abstractmethod
    async def start(self) -> None:
        """Begin to listen."""

    @abstractmethod
    async def publish(self, event: Event) -> None:
        """Tell an event.

        Raises:
            DependencyUnavailableError: It could not be told.
        """

    @abstractmethod
    def subscribe(self, subject: str | None = None) -> AbstractContextManager[Subscription]:
        """Hear of one subject, or of all, as long as the context lasts."""

    @abstractmethod
    async def check(self) -> None:
        """Find out whether events can be told.

        Raises:
            DependencyUnavailableError: They cannot.
        """

    @abstractmethod
    async def close(self) -> None:
        """End all subscriptions and release what is held open."""
