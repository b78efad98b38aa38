"""The composition root: builds every part once and hands each what it needs."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

import structlog

from ..config.agent_config import AgentConfig
from ..config.secrets import secret_store, signing_key
from ..config.settings import Settings
from ..interfaces.agent import Agent
from ..interfaces.audit import AuditTrail
from ..utils.metrics import Metrics
from . import personal_data
from .admission import Admission
from .authentication import TokenService
from .health import Check, HealthService, resource_usage
from .lifecycle import Lifecycle
from .limiting import ClientLimiter
from .quotas import RequestQuotas
from .resources import Resources, build_resources
from .sessions import Sessions
from .store import Store
from .store_cache import delete_expired

logger = structlog.get_logger(__name__)

SECRETS_REFRESH_SECONDS = 60.0

AgentBuilder = Callable[[Resources], Agent]
"""Builds this kind of agent."""


@dataclass(frozen=True, kw_only=True)
class Container:
    """The parts of a running service."""

    settings: Settings
    agent_config: AgentConfig
    admission: Admission
    agent: Agent
    audit: AuditTrail
    health: HealthService
    lifecycle: Lifecycle
    metrics: Metrics
    resources: Resources
    sessions: Sessions
    store: Store
    tokens: TokenService

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Open what is shared and the agent; at the end close the agent, then what it used."""
        if self.settings.limits_multiply:
            logger.warning("limits_hold_in_each_replica", replicas=self.settings.replicas, setting="cache.limits")
        async with self.resources.opened():
            try:
                await self.agent.open()
                self.resources.periodic.start("retention", self._delete_old, personal_data.SWEEP_SECONDS)
                if (secrets := secret_store(self.settings)) is not None:
                    refresh = partial(asyncio.to_thread, secrets.refresh)
                    self.resources.periodic.start("secrets", refresh, SECRETS_REFRESH_SECONDS)
                yield
            finally:
                await self.agent.close()

    async def _delete_old(self) -> None:
        await personal_data.sweep(self.resources)
        await delete_expired(self.store)


def token_service(settings: Settings) -> TokenService:
    """Return what checks and issues tokens under these settings."""
    return TokenService(signing_key(settings), issuer=settings.jwt_issuer, audience=settings.jwt_audience)


def build_container(settings: Settings, build_agent: AgentBuilder) -> Container:
    """Return all parts, wired.

    Raises:
        ConfigurationError: Settings, configuration or secrets are missing or wrong.
    """
    resources = build_resources(settings)
    state = settings.state_dir
    resources.metrics.watch(memory=lambda: resource_usage(state).memory, disk=lambda: resource_usage(state).disk)
    agent = build_agent(resources)
    lifecycle = Lifecycle(settings.limits.max_concurrency)
    return Container(
        settings=settings,
        agent_config=resources.agent_config,
        admission=_admission(resources),
        agent=agent,
        audit=resources.audit,
        health=HealthService(agent, lifecycle, _checks(resources), lambda: resource_usage(state)),
        lifecycle=lifecycle,
        metrics=resources.metrics,
        resources=resources,
        sessions=resources.sessions,
        store=resources.store,
        tokens=token_service(settings),
    )


def _admission(resources: Resources) -> Admission:
    settings, counters = resources.settings, resources.counters
    return Admission(
        ClientLimiter(settings.limits.rate_limit, counters, settings.limits.rate_limits),
        RequestQuotas(settings.tenants, counters, resources.metrics),
    )


def _checks(resources: Resources) -> dict[str, Check]:
    """Return the service's own dependencies, without which it takes no work."""

    async def audit_trail() -> None:
        resources.audit.check()

    return {"audit_trail": audit_trail, "store": resources.store.check}
