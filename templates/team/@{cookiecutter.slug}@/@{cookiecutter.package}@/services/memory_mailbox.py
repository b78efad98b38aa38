"""The mailbox inside one process."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from ..exceptions.projects import MailboxFullError
from ..interfaces.mailbox import Box, Mailbox
from ..models.messages import Address, Message

logger = structlog.get_logger(__name__)


class MemoryBox(Box):
    """A bounded queue."""

    def __init__(self, size: int) -> None:
        self._queue: asyncio.Queue[Message] = asyncio.Queue(size)

    async def receive(self) -> Message:
        """Return the next message."""
        return await self._queue.get()

    def put(self, message: Message) -> None:
        """Add a message.

        Raises:
            asyncio.QueueFull: There is no room.
        """
        self._queue.put_nowait(message)


class MemoryMailbox(Mailbox):
    """Delivers at once.

    Args:
        size: Messages that may wait at one address.
    """

    def __init__(self, size: int = 10_000) -> None:
        self._size = size
        self._boxes: dict[Address, MemoryBox] = {}

    @contextmanager
    def open(self, address: Address) -> Iterator[Box]:
        """Return a new box for the address."""
        box = self._boxes[address] = MemoryBox(self._size)
        try:
            yield box
        finally:
            if self._boxes.get(address) is box:
                del self._boxes[address]

    async def send(self, message: Message) -> None:
        """Put the message into its receiver's box."""
        box = self._boxes.get(message.receiver)
        if box is None:
            logger.info("message_dropped", kind=message.kind, receiver=message.receiver, project_id=message.project_id)
            return
        try:
            box.put(message)
        except asyncio.QueueFull as error:
            text = f"{message.receiver} has {self._size} messages waiting"
            raise MailboxFullError(text) from error
