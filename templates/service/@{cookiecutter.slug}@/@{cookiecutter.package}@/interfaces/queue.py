"""The message queue: exactly one worker at a time gets each message, at least once."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from ..models.messages import DeadLetter, Delivery, Message, QueueDepth


class MessageQueue(ABC):
    """Hands messages to workers.

    A delivery is settled by exactly one of :meth:`acknowledge`, :meth:`retry` and :meth:`bury`. One that is not settled
    before its lease is over, because its worker died, is delivered again. All methods raise
    DependencyUnavailableError when the queue cannot be reached.
    """

    @property
    @abstractmethod
    def lease(self) -> float:
        """Seconds until a delivery that is neither settled nor extended goes to another worker."""

    @property
    @abstractmethod
    def durable(self) -> bool:
        """Whether messages outlive the process."""

    @abstractmethod
    async def send(self, message: Message) -> None:
        """Add a message."""

    @abstractmethod
    async def receive(self, wait: float) -> Delivery | None:
        """Return the next message, or nothing after ``wait`` seconds."""

    @abstractmethod
    async def extend(self, delivery: Delivery) -> None:
        """Begin the lease anew, unless it is another's by now."""

    @abstractmethod
    async def acknowledge(self, delivery: Delivery) -> None:
        """Settle it: the work is done."""

    @abstractmethod
    async def retry(self, delivery: Delivery, after: float, *, counted: bool = True) -> None:
        """Settle it: deliver the message again after so many seconds, as the next attempt or (not counted) the same."""

    @abstractmethod
    async def bury(self, delivery: Delivery, reason: str) -> None:
        """Settle it: put its ids with the dead letters."""

    @abstractmethod
    async def dead_letters(self, limit: int) -> Sequence[DeadLetter]:
        """Return the newest dead letters."""

    @abstractmethod
    async def depth(self) -> QueueDepth:
        """Count the messages."""

    @abstractmethod
    async def check(self) -> None:
        """Find out whether the queue can be reached."""

    @abstractmethod
    async def close(self) -> None:
        """Release what is held open."""
