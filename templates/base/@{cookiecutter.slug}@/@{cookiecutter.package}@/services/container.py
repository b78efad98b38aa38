"""The composition root: builds every part once and hands each what it needs."""

from collections.abc import Callable
from dataclasses import dataclass

from ..config.agent_config import AgentConfig, load_agent_config
from ..config.secrets import signing_key
from ..config.settings import Settings
from ..interfaces.agent import Agent
from ..interfaces.audit import AuditTrail
from ..utils.metrics import Metrics
from .audit import FileAuditTrail
from .authentication import TokenService
from .health import HealthService, resource_usage
from .lifecycle import Lifecycle
from .limiting import ClientLimiter

AgentBuilder = Callable[[Settings, AgentConfig, Metrics], Agent]
"""Builds this kind of agent from its configuration."""


@dataclass(frozen=True, kw_only=True)
class Container:
    """The parts of a running service."""

    settings: Settings
    agent_config: AgentConfig
    agent: Agent
    audit: AuditTrail
    health: HealthService
    lifecycle: Lifecycle
    limiter: ClientLimiter
    metrics: Metrics
    tokens: TokenService


def token_service(settings: Settings) -> TokenService:
    """Return what checks and issues tokens under these settings."""
    return TokenService(signing_key(settings), issuer=settings.jwt_issuer, audience=settings.jwt_audience)


def build_container(settings: Settings, build_agent: AgentBuilder) -> Container:
    """Return all parts, wired.

    Raises:
        ConfigurationError: Settings, configuration or secrets are missing or wrong.
    """
    config = load_agent_config(settings.config_dir, settings.agent_config)
    metrics = Metrics(settings.environment, config.agent_id, config.version)
    agent = build_agent(settings, config, metrics)
    audit = FileAuditTrail(settings.state_dir / "audit.jsonl")
    lifecycle = Lifecycle(settings.limits.max_concurrency)
    return Container(
        settings=settings,
        agent_config=config,
        agent=agent,
        audit=audit,
        health=HealthService(
            agent, lifecycle, {"audit_trail": audit.check}, lambda: resource_usage(settings.state_dir)
        ),
        lifecycle=lifecycle,
        limiter=ClientLimiter(settings.limits.rate_limit),
        metrics=metrics,
        tokens=token_service(settings),
    )
