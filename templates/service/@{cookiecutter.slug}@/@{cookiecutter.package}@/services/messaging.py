"""Bus and queues, in this process or on Redis, as the settings say."""

import os
import socket
from contextlib import suppress
from dataclasses import dataclass

from redis.asyncio import Redis

from .. import AGENT, SERVICE
from ..config.cache import CacheSettings
from ..config.settings import Settings
from ..exceptions import DependencyUnavailableError
from ..interfaces.bus import EventBus
from ..interfaces.queue import MessageQueue
from ..utils.metrics import Metrics
from .event_hub import EventHub
from .memory_queue import MemoryQueue
from .redis_bus import RedisEventBus
from .redis_queue import RedisQueue
from .redis_server import connection_pool

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


def build_messaging(settings: Settings, metrics: Metrics) -> Messaging:
    """Return bus and queues; nothing is connected yet.

    Raises:
        ConfigurationError: The URL is none.
    """
    limits = settings.limits
    hub = EventHub(limits.status_buffer, metrics)
    server = server_settings(settings)
    if server is None:
        return Messaging(hub, MemoryQueue(), MemoryQueue())
    redis = connect(server, "CACHE__URL" if server is settings.cache else f"AGENTS__{AGENT.upper()}__MESSAGING_URL")
    consumer = f"{socket.gethostname()}-{os.getpid()}"
    return Messaging(
        RedisEventBus(redis, f"{SERVICE}:events", hub, metrics),
        RedisQueue(redis, f"{SERVICE}:tasks", consumer, limits.message_lease),
        RedisQueue(redis, f"{SERVICE}:submissions", consumer, limits.message_lease),
        redis,
    )


def server_settings(settings: Settings) -> CacheSettings | None:
    """Return where Redis is: one for messaging alone, or else the one that the caches share; nothing without either."""
    url, file = settings.limits.messaging_url, settings.limits.messaging_url_file
    if url is not None or file is not None:
        return settings.cache.model_copy(update={"url": url, "url_file": file})
    return settings.cache if settings.cache.needs_server else None


def connect(settings: CacheSettings, name: str = "CACHE__URL") -> Redis:
    """Return a pool of connections, none of them open yet; ``name`` is that of the URL's variable, for messages.

    Raises:
        ConfigurationError: The URL is none.
    """
    pool = connection_pool(
        settings,
        name,
        decode_responses=True,
        timeout=CONNECT_SECONDS,
        socket_connect_timeout=CONNECT_SECONDS,
        socket_timeout=ANSWER_SECONDS,
    )
    return Redis.from_pool(pool)
