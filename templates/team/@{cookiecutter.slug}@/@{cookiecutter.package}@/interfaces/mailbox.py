"""How messages get from one member to another."""

from abc import ABC, abstractmethod
from contextlib import AbstractContextManager

from ..models.messages import Address, Message


class Box(ABC):
    """Where the messages to one address arrive, in the order in which they were sent."""

    @abstractmethod
    async def receive(self) -> Message:
        """Return the next message; waits for it."""


class Mailbox(ABC):
    """Delivers messages. Put a queue of another process behind it without touching the members."""

    @abstractmethod
    def open(self, address: Address) -> AbstractContextManager[Box]:
        """Return the box of an address; messages to it arrive until the context ends."""

    @abstractmethod
    async def send(self, message: Message) -> None:
        """Deliver a message; one to an address that nobody has opened is dropped.

        Raises:
            MailboxFullError: The receiver does not keep up.
        """
