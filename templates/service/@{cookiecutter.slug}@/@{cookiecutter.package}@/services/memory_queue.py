"""The message queue inside of one process."""

import asyncio
import heapq
import itertools
from collections import deque
from collections.abc import Sequence

from ..interfaces.queue import MessageQueue
from ..models.messages import DeadLetter, Delivery, Message, QueueDepth

DEAD_LETTERS_KEPT = 10_000
NO_LEASE = 60.0  # seconds; a worker of this process does not die alone, so that nothing looks at it


class MemoryQueue(MessageQueue):
    """Keeps messages in memory; they end with the process."""

    def __init__(self) -> None:
        self._waiting: asyncio.Queue[Message] = asyncio.Queue()
        self._held: dict[str, Message] = {}
        self._delayed: list[tuple[float, int, Message]] = []
        self._dead: deque[DeadLetter] = deque(maxlen=DEAD_LETTERS_KEPT)
        self._receipts = itertools.count()

    @property
    def lease(self) -> float:
        """Seconds between two extensions, which do nothing here."""
        return NO_LEASE

    @property
    def durable(self) -> bool:
        """Messages end with the process."""
        return False

    async def send(self, message: Message) -> None:
        """Add a message."""
        self._waiting.put_nowait(message)

    async def receive(self, wait: float) -> Delivery | None:
        """Return the next message, or nothing after ``wait`` seconds."""
        message = await self._next(wait)
        if message is None:
            return None
        delivery = Delivery(str(next(self._receipts)), message)
        self._held[delivery.receipt] = message
        return delivery

    async def extend(self, delivery: Delivery) -> None:
        """Begin the lease anew: there is none."""

    async def acknowledge(self, delivery: Delivery) -> None:
        """Forget the message."""
        self._held.pop(delivery.receipt, None)

    async def retry(self, delivery: Delivery, after: float, *, counted: bool = True) -> None:
        """Deliver the message again later."""
        await self.acknowledge(delivery)
        again = delivery.message.again(counted=counted)
        due = asyncio.get_running_loop().time() + after
        heapq.heappush(self._delayed, (due, next(self._receipts), again))

    async def bury(self, delivery: Delivery, reason: str) -> None:
        """Put the message with the dead letters."""
        await self.acknowledge(delivery)
        self._dead.append(DeadLetter(delivery.receipt, delivery.message.ids_alone().model_dump_json(), reason))

    async def dead_letters(self, limit: int) -> Sequence[DeadLetter]:
        """Return the newest dead letters."""
        return list(itertools.islice(reversed(self._dead), limit))

    async def depth(self) -> QueueDepth:
        """Count the messages."""
        return QueueDepth(
            waiting=self._waiting.qsize(), held=len(self._held), delayed=len(self._delayed), dead=len(self._dead)
        )

    async def check(self) -> None:
        """Find out whether the queue can be reached: it always can."""

    async def close(self) -> None:
        """Release nothing: nothing is held."""

    async def _next(self, wait: float) -> Message | None:
        """Wait for a message, no longer than until a delayed one is due."""
        now = asyncio.get_running_loop().time()
        while self._delayed and self._delayed[0][0] <= now:
            self._waiting.put_nowait(heapq.heappop(self._delayed)[2])
        until = min(now + wait, self._delayed[0][0]) if self._delayed else now + wait
        try:
            async with asyncio.timeout_at(until):
                return await self._waiting.get()
        except TimeoutError:
            return None
