"""Bus and queues, in this process or on Redis, as the settings say."""

import os
import socket
from contextlib import suppress
from dataclasses import dataclass

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from .. import SERVICE
from ..config.agent_limits import AgentLimits
from ..config.secrets import given_secret
from ..exceptions import ConfigurationError, DependencyUnavailableError
from ..interfaces.bus import EventBus
from ..interfaces.queue import MessageQueue
from ..utils.metrics import Metrics
from .event_hub import EventHub
from .memory_queue import MemoryQueue
from .redis_bus import RedisEventBus
from .redis_queue import RedisQueue

CONNECT_SECONDS = 2.0
ANSWER_SECONDS = 5.0
"""Longer than any command here blocks."""


@dataclass(frozen=True)
class Messaging:
    """How the parts of the service, and other services, hear of each other."""

    bus: EventBus
    tasks: MessageQueue
    submissions: MessageQueue
    redis: Redis | None = None

    async def up(self) -> bool:
        """Tell whether bus and queues can be reached."""
        try:
            for part in (self.tasks, self.submissions, self.bus):
                await part.check()
        except DependencyUnavailableError:
            return False
        return True

    async def close(self) -> None:
        """Close the queues, the bus and the connections, also when Redis is away."""
        for part in (self.tasks, self.submissions, self.bus):
            with suppress(DependencyUnavailableError):
                await part.close()
        if self.redis is not None:
            await self.redis.aclose()


def build_messaging(limits: AgentLimits, metrics: Metrics) -> Messaging:
    """Return bus and queues; nothing is connected yet.

    Raises:
        ConfigurationError: The URL is none.
    """
    hub = EventHub(limits.status_buffer, metrics)
    secret = given_secret(limits.messaging_url, limits.messaging_url_file)
    if secret is None:
        return Messaging(hub, MemoryQueue(), MemoryQueue())
    redis = connect(secret.value())
    consumer = f"{socket.gethostname()}-{os.getpid()}"
    return Messaging(
        RedisEventBus(redis, f"{SERVICE}:events", hub, metrics),
        RedisQueue(redis, f"{SERVICE}:tasks", consumer, limits.message_lease),
        RedisQueue(redis, f"{SERVICE}:submissions", consumer, limits.message_lease),
        redis,
    )


def connect(url: str) -> Redis:
    """Return a pool of connections, none of them open yet.

    Raises:
        ConfigurationError: The URL is none.
    """
    try:
        return Redis.from_url(
            url,
            decode_responses=True,
            socket_connect_timeout=CONNECT_SECONDS,
            socket_timeout=ANSWER_SECONDS,
            health_check_interval=30,
            retry=Retry(NoBackoff(), 1),  # who waits decides how long: a worker and a reader try again by themselves
        )
    except ValueError:
        message = "the URL for messaging must begin with redis:// or rediss://"
        raise ConfigurationError(message) from None  # the cause would show the password
