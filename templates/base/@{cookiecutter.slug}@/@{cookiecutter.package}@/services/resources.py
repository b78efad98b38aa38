"""What a service has before it has an agent; every agent is built from it."""

from dataclasses import dataclass

from ..config.agent_config import AgentConfig, load_agent_config
from ..config.secrets import encryption_keys
from ..config.settings import Settings
from ..interfaces.audit import AuditTrail
from ..utils.encryption import Cipher
from ..utils.metrics import Metrics
from .audit import FileAuditTrail
from .periodic import Periodic
from .sessions import Sessions
from .store import Store


@dataclass(frozen=True, kw_only=True)
class Resources:
    """Configuration and what is shared: a builder of agents takes what it needs."""

    settings: Settings
    agent_config: AgentConfig
    audit: AuditTrail
    metrics: Metrics
    periodic: Periodic
    sessions: Sessions
    store: Store


def build_resources(settings: Settings) -> Resources:
    """Return everything, wired; nothing is opened yet.

    Raises:
        ConfigurationError: Settings, configuration or secrets are missing or wrong.
    """
    config = load_agent_config(settings.config_dir, settings.agent_config)
    metrics = Metrics(settings.environment, config.agent_id, config.version)
    store = Store(settings.store, settings.state_dir)
    return Resources(
        settings=settings,
        agent_config=config,
        audit=FileAuditTrail(settings.state_dir / "audit.jsonl"),
        metrics=metrics,
        periodic=Periodic(metrics),
        sessions=Sessions(store, Cipher(encryption_keys(settings)), settings.session_retention_days),
        store=store,
    )
