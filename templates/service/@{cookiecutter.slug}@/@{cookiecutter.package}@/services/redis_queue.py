"""The message queue on a Redis stream, shared by all replicas.

The stream's consumer group hands each message to one worker and remembers it until it is settled; what a dead worker
held is claimed by another when its lease is over. Retries wait in a sorted set, dead letters in a stream of their own.
"""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, TypeVar

import structlog
from pydantic import ValidationError
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from ..interfaces.queue import MessageQueue
from ..models.messages import DeadLetter, Delivery, Message, QueueDepth
from .redis_errors import reaching, reaching_soon

logger = structlog.get_logger(__name__)

GROUP = "workers"
FIRST = "0-0"
DEAD_LETTERS_KEPT = 10_000
BATCH = 100
MOVE_DUE = """
local now = redis.call('TIME')
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now[1] + now[2] / 1000000, 'LIMIT', 0, 100)
for _, message in ipairs(due) do
  redis.call('XADD', KEYS[2], '*', 'message', message)
  redis.call('ZREM', KEYS[1], message)
end
return #due
"""
"""Delayed messages that are due become waiting ones, all or none; the clock is Redis' own."""
EXTEND = """
local held = redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[3], ARGV[3], 1)
if held[1] and held[1][2] == ARGV[2] then
  redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, ARGV[3], 'JUSTID')
end
return 0
"""
"""A lease that went to another consumer stays there."""

Entry = tuple[str, dict[str, str]]
Result = TypeVar("Result")


class RedisQueue(MessageQueue):
    """A queue under one name.

    Args:
        redis: The connections; answers have to be decoded to text.
        name: Of the queue; its keys share a hash tag, so that they lie together in a cluster.
        consumer: This process, unlike all others.
        lease: Seconds until a delivery that is neither settled nor extended goes to another worker.
    """

    def __init__(self, redis: Redis, name: str, consumer: str, lease: float) -> None:
        self._redis = redis
        self._consumer = consumer
        self._lease = lease
        self._stream = f"{{{name}}}:queue"
        self._delayed = f"{{{name}}}:delayed"
        self._dead = f"{{{name}}}:dead"
        self._next_claim = 0.0
        self._claim_from = FIRST

    @property
    def lease(self) -> float:
        """Seconds until a delivery goes to another worker."""
        return self._lease

    @property
    def durable(self) -> bool:
        """Messages are in Redis."""
        return True

    async def send(self, message: Message) -> None:
        """Add a message."""
        async with reaching_soon(self._stream):
            await self._redis.xadd(self._stream, {"message": message.model_dump_json()})

    async def receive(self, wait: float) -> Delivery | None:
        """Return a message that another worker lost, or the next one, or nothing after ``wait`` seconds."""
        with reaching(self._stream):
            entry = await self._in_group(lambda: self._next(wait))
        if entry is None:
            return None
        receipt, fields = entry
        return await self._readable(receipt, fields.get("message", ""))

    async def extend(self, delivery: Delivery) -> None:
        """Begin the lease anew."""
        with reaching(self._stream):
            await self._redis.eval(EXTEND, 1, self._stream, GROUP, self._consumer, delivery.receipt)

    async def acknowledge(self, delivery: Delivery) -> None:
        """Forget the message."""
        await self._settle(delivery.receipt)

    async def retry(self, delivery: Delivery, after: float, *, counted: bool = True) -> None:
        """Put the message with the delayed ones."""
        again = delivery.message.again(counted=counted)
        with reaching(self._stream):
            seconds, microseconds = await self._redis.time()
        due = seconds + microseconds / 1_000_000 + after
        await self._settle(delivery.receipt, ("zadd", self._delayed, {again.model_dump_json(): due}))

    async def bury(self, delivery: Delivery, reason: str) -> None:
        """Put the message with the dead letters."""
        await self._bury(delivery.receipt, delivery.message.ids_alone().model_dump_json(), reason)

    async def dead_letters(self, limit: int) -> Sequence[DeadLetter]:
        """Return the newest dead letters."""
        with reaching(self._dead):
            entries: Any = await self._redis.xrevrange(self._dead, count=limit)
        return [DeadLetter(receipt, fields["message"], fields["reason"]) for receipt, fields in entries]

    async def depth(self) -> QueueDepth:
        """Count the messages."""
        with reaching(self._stream):
            return await self._in_group(self._count)

    async def unsettled(self) -> AsyncIterator[Message]:
        """Yield the messages that wait, are held or delayed; those that cannot be read are left out."""
        with reaching(self._stream):
            async for _, text in self._texts():
                with suppress(ValidationError):
                    yield Message.model_validate_json(text)

    async def withdraw(self, unwanted: Callable[[Message], bool]) -> int:
        """Take the unwanted ones of these out; return how many that were."""
        withdrawn = 0
        with reaching(self._stream):
            async for receipt, text in self._texts():
                with suppress(ValidationError):
                    if unwanted(Message.model_validate_json(text)):
                        await self._take_out(receipt, text)
                        withdrawn += 1
        return withdrawn

    async def check(self) -> None:
        """Ask Redis for a sign of life."""
        async with reaching_soon(self._stream):
            await self._redis.ping()

    async def close(self) -> None:
        """Leave the group, unless something is still held: that has to be found by whoever claims it."""
        with reaching(self._stream):
            held = await self._redis.xpending_range(self._stream, GROUP, "-", "+", 1, consumername=self._consumer)
            if not held:
                await self._redis.xgroup_delconsumer(self._stream, GROUP, self._consumer)

    async def _texts(self) -> AsyncIterator[tuple[str | None, str]]:
        """Yield every message with its receipt in the stream; the delayed ones have none."""
        entries: Any = await self._redis.xrange(self._stream, count=BATCH)
        while entries:
            for receipt, fields in entries:
                yield receipt, fields.get("message", "")
            entries = await self._redis.xrange(self._stream, f"({receipt}", count=BATCH)
        async for text, _ in self._redis.zscan_iter(self._delayed):
            yield None, text

    async def _take_out(self, receipt: str | None, text: str) -> None:
        if receipt is None:
            await self._redis.zrem(self._delayed, text)
        else:
            await self._settle(receipt)

    async def _in_group(self, operation: Callable[[], Awaitable[Result]]) -> Result:
        """Return the operation's result; create the group the first time, or when Redis was emptied."""
        try:
            return await operation()
        except ResponseError as error:
            if "NOGROUP" not in str(error):
                raise
        await self._create_group()
        return await operation()

    async def _create_group(self) -> None:
        try:
            await self._redis.xgroup_create(self._stream, GROUP, id="0", mkstream=True)
        except ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise

    async def _count(self) -> QueueDepth:
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.xlen(self._stream)
            pipe.xpending(self._stream, GROUP)
            pipe.zcard(self._delayed)
            pipe.xlen(self._dead)
            total, pending, delayed, dead = await pipe.execute()
        held = int(pending["pending"])
        return QueueDepth(waiting=max(0, total - held), held=held, delayed=delayed, dead=dead)

    async def _next(self, wait: float) -> Entry | None:
        return await self._claimed() or await self._unread(wait)

    async def _claimed(self) -> Entry | None:
        """Look for deliveries whose lease is over; looking twice in each lease is enough."""
        now = time.monotonic()
        if now < self._next_claim:
            return None
        claimed = await self._redis.xautoclaim(
            self._stream, GROUP, self._consumer, int(self._lease * 1000), self._claim_from, count=1
        )
        self._claim_from = claimed[0]  # each look goes through a few of those that are held, and tells how far it came
        entries: list[Entry] = claimed[1]
        if not entries:
            if self._claim_from == FIRST:
                self._next_claim = now + self._lease / 2
            return None
        logger.warning("message_claimed", queue=self._stream, receipt=entries[0][0])
        return entries[0]

    async def _unread(self, wait: float) -> Entry | None:
        await self._redis.eval(MOVE_DUE, 2, self._delayed, self._stream)
        streams: Any = await self._redis.xreadgroup(
            GROUP, self._consumer, {self._stream: ">"}, count=1, block=max(1, int(wait * 1000))
        )
        if not streams:
            return None
        ((_, entries),) = streams
        entry: Entry = entries[0]
        return entry

    async def _readable(self, receipt: str, text: str) -> Delivery | None:
        try:
            message = Message.model_validate_json(text)
        except ValidationError:
            logger.warning("message_unreadable", queue=self._stream, receipt=receipt)
            await self._bury(receipt, "", f"unreadable, {len(text)} characters")
            return None
        with reaching(self._stream):
            (pending,) = await self._redis.xpending_range(self._stream, GROUP, receipt, receipt, 1) or [{}]
        losses = int(pending.get("times_delivered", 1)) - 1  # each a worker that died with it
        return Delivery(receipt, message.model_copy(update={"attempt": message.attempt + losses}))

    async def _bury(self, receipt: str, text: str, reason: str) -> None:
        fields = {"message": text, "reason": reason}
        await self._settle(receipt, ("xadd", self._dead, fields), maxlen=DEAD_LETTERS_KEPT)

    async def _settle(self, receipt: str, also: tuple[str, str, dict[str, Any]] | None = None, **more: object) -> None:
        """Take a message out of the stream and, in the same step, put it where it goes next."""
        with reaching(self._stream):
            async with self._redis.pipeline(transaction=True) as pipe:
                pipe.xack(self._stream, GROUP, receipt)
                pipe.xdel(self._stream, receipt)
                if also is not None:
                    command, key, what = also
                    getattr(pipe, command)(key, what, **more)
                await pipe.execute()
