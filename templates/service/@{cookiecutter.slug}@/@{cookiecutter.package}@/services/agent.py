"""Builds the agent from its configuration."""

from functools import partial

import structlog

from ..config.agent_limits import AgentLimits
from ..config.llm_config import LlmConfig
from ..config.secrets import named_secret
from ..exceptions import ConfigurationError
from ..interfaces.agent import Agent
from ..interfaces.audit import AuditTrail
from ..interfaces.model import LanguageModel
from ..models.answer import Answer
from ..models.audit import AuditEntry
from ..utils.correlation import current_correlation_id
from ..utils.metrics import Metrics
from .answering import AnsweringAgent
from .chat_completions import ChatCompletionsModel
from .deterministic import DeterministicModel
from .facts import load_facts
from .resilience import Policy, Resilience
from .resources import Resources
from .text_guard import TextGuard

logger = structlog.get_logger(__name__)

FACTS = "facts.md"
"""What the agent knows, beside the environments' files."""


def build_agent(resources: Resources) -> Agent:
    """Return the agent that the configuration describes, with the limits of the environment.

    Raises:
        ConfigurationError: The configuration asks for what cannot be had.
    """
    limits, config = resources.settings.limits, resources.agent_config
    guard = TextGuard(
        config.prompt_config.system_prompt,
        partial(_report, resources.metrics, resources.audit),
        refuse=limits.refuse_suspicious,
    )
    cache = resources.caches.make("answers", Answer, size=limits.cache_size, ttl=limits.cache_ttl)
    return AnsweringAgent(
        config,
        facts=load_facts(resources.settings.config_dir / FACTS),
        model=build_model(config.llm_config, limits),
        guard=guard,
        resilience=Resilience("the model", _policy(limits)),
        metrics=resources.metrics,
        cache=cache if limits.cache_enabled else None,
    )


def build_model(config: LlmConfig, limits: AgentLimits) -> LanguageModel:
    """Return the configured model.

    Raises:
        ConfigurationError: A remote model lacks its address or its key.
    """
    if config.provider == "deterministic":
        return DeterministicModel(config.model)
    if config.base_url is None or config.api_key_env is None:
        message = "a remote model needs base_url and api_key_env"
        raise ConfigurationError(message)
    return ChatCompletionsModel(
        base_url=str(config.base_url),
        model=config.model,
        temperature=config.temperature,
        max_tokens=config.max_tokens,
        api_key=named_secret(config.api_key_env),
        timeout=limits.timeout,
    )


def _report(metrics: Metrics, audit: AuditTrail, finding: str, source: str) -> None:
    """Count, log and write down that a text reads like an attack."""
    metrics.guard_findings.labels(finding, source).inc()
    logger.warning("guard_found", finding=finding, source=source)
    subject = str(structlog.contextvars.get_contextvars().get("subject", ""))
    audit.record(
        AuditEntry(
            action=f"guard:{finding}",
            subject=subject,
            outcome=f"found in {source}",
            correlation_id=current_correlation_id(),
        )
    )


def _policy(limits: AgentLimits) -> Policy:
    return Policy(
        timeout=limits.timeout,
        retries=limits.retries,
        threshold=limits.breaker_threshold,
        cooldown=limits.breaker_cooldown,
    )
