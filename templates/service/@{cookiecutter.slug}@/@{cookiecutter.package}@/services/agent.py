"""Builds the agent from its configuration."""

from ..config.agent_limits import AgentLimits
from ..config.llm_config import LlmConfig
from ..config.secrets import named_secret
from ..exceptions import ConfigurationError
from ..interfaces.agent import Agent
from ..interfaces.model import LanguageModel
from ..models.answer import Answer
from .answering import AnsweringAgent
from .chat_completions import ChatCompletionsModel
from .deterministic import DeterministicModel
from .resilience import Policy, Resilience
from .resources import Resources


def build_agent(resources: Resources) -> Agent:
    """Return the agent that the configuration describes, with the limits of the environment.

    Raises:
        ConfigurationError: The configuration asks for what cannot be had.
    """
    limits = resources.settings.limits
    cache = resources.caches.make("answers", Answer, size=limits.cache_size, ttl=limits.cache_ttl)
    return AnsweringAgent(
        resources.agent_config,
        build_model(resources.agent_config.llm_config, limits),
        Resilience("the model", _policy(limits)),
        resources.metrics,
        cache if limits.cache_enabled else None,
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


def _policy(limits: AgentLimits) -> Policy:
    return Policy(
        timeout=limits.timeout,
        retries=limits.retries,
        threshold=limits.breaker_threshold,
        cooldown=limits.breaker_cooldown,
    )
