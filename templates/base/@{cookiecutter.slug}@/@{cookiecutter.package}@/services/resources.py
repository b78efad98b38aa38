"""What a service has before it has an agent; every agent is built from it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from ..config.agent_config import AgentConfig, load_agent_config
from ..config.secrets import encryption_keys
from ..config.settings import Settings
from ..interfaces.audit import AuditTrail
from ..utils.encryption import Cipher
from ..utils.metrics import Metrics
from .audit import FileAuditTrail
from .caches import Caches
from .counters import Counters
from .periodic import Periodic
from .ratings import Ratings
from .redis_server import RedisServer
from .session_list import SessionList
from .session_names import SessionNames
from .sessions import Sessions
from .store import Store


@dataclass(frozen=True, kw_only=True)
class Resources:
    """Configuration and what is shared: a builder of agents takes what it needs."""

    settings: Settings
    agent_config: AgentConfig
    audit: AuditTrail
    caches: Caches
    counters: Counters
    metrics: Metrics
    periodic: Periodic
    redis: RedisServer | None
    ratings: Ratings
    session_list: SessionList
    session_names: SessionNames
    sessions: Sessions
    store: Store

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Open what is shared; at the end stop what runs beside, and close every connection."""
        async with self.store.opened():
            try:
                yield
            finally:
                await self.periodic.stop()
                if self.redis is not None:
                    await self.redis.close()


def build_resources(settings: Settings) -> Resources:
    """Return everything, wired; nothing is opened yet.

    Raises:
        ConfigurationError: Settings, configuration or secrets are missing or wrong.
    """
    config = load_agent_config(settings.config_dir, settings.agent_config)
    metrics = Metrics(settings.environment, config.agent_id, config.version)
    store = Store(settings.store, settings.state_dir)
    cipher = Cipher(encryption_keys(settings))
    redis = RedisServer(settings.cache) if settings.cache.needs_server else None
    names = SessionNames(store, cipher)
    return Resources(
        settings=settings,
        agent_config=config,
        audit=FileAuditTrail(settings.state_dir / "audit.jsonl"),
        caches=Caches(settings.cache, redis, store, cipher, metrics),
        counters=Counters(metrics, redis if settings.cache.limits == "redis" else None),
        metrics=metrics,
        periodic=Periodic(metrics),
        redis=redis,
        ratings=Ratings(store, cipher, metrics),
        session_list=SessionList(store, cipher, names),
        session_names=names,
        sessions=Sessions(store, cipher, settings.session_retention_days),
        store=store,
    )
