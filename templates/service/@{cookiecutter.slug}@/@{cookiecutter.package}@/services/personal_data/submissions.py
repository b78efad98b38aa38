"""Submissions that nobody has made tasks of yet."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from pydantic import JsonValue

from ...interfaces.personal_data import PersonalData
from ...models.messages import Message
from ...utils.tenancy import current_tenant
from ..messaging import Messaging, build_messaging
from ..redis_queue import RedisQueue
from ..resources import Resources
from ..submissions import sender


class SubmissionData(PersonalData):
    """What other services sent with somebody's token, as long as it waits on Redis.

    Args:
        connect: Reaches the queues anew.
    """

    name = "submissions"

    def __init__(self, connect: Callable[[], Messaging]) -> None:
        self._connect = connect

    async def export(self, subject: str) -> AsyncIterator[dict[str, JsonValue]]:
        """Yield the messages without their tokens."""
        wanted = _sent_by(subject)
        async with self._queue() as queue:
            if queue is not None:
                async for message in queue.unsettled():
                    if wanted(message):
                        yield {name: value for name, value in message.body.items() if name != "token"}

    async def erase(self, subject: str) -> int:
        """Take the messages out, so that they never become tasks."""
        async with self._queue() as queue:
            return 0 if queue is None else await queue.withdraw(_sent_by(subject))

    async def sweep(self) -> int:
        """Delete nothing: what waits is worked on."""
        return 0

    @asynccontextmanager
    async def _queue(self) -> AsyncIterator[RedisQueue | None]:
        """Have the queue; one inside of a process is empty for every other process."""
        messaging = self._connect()
        try:
            yield messaging.submissions if isinstance(messaging.submissions, RedisQueue) else None
        finally:
            if messaging.redis is not None:
                await messaging.redis.aclose()


def _sent_by(subject: str) -> Callable[[Message], bool]:
    who = (subject, current_tenant())
    return lambda message: sender(message) == who


def holder(resources: Resources) -> PersonalData:
    """Return the place."""
    return SubmissionData(lambda: build_messaging(resources.settings, resources.metrics))
