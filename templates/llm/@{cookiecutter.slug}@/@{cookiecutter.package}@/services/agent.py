"""Builds the agent: every part is made here, once, and handed what it needs."""

from collections.abc import Sequence

from ..config.agent_limits import AgentLimits
from ..config.llm_config import LlmConfig
from ..config.settings import Settings
from ..interfaces.documents import DocumentCollection
from ..interfaces.streaming import StreamingAgent
from ..models.documents import Passage, Search
from .answering import AnsweringAgent, Parts
from .batching import Batcher
from .document_tools import build_tools
from .documents import FolderDocuments
from .guard import Guard
from .model_chain import GuardedModel, ModelChain
from .observers import AuditObserver, LoggingObserver, MetricsObserver, Observers
from .providers import build_model
from .resilience import Policy, Resilience
from .resources import Resources
from .runner import Runner
from .strategies import build_strategy
from .tools import ToolCaller


def build_agent(resources: Resources) -> StreamingAgent:
    """Return the agent that the configuration describes, with the limits of the environment.

    Raises:
        ConfigurationError: The configuration asks for what cannot be had.
    """
    settings, config, metrics = resources.settings, resources.agent_config, resources.metrics
    limits = settings.limits
    observers = Observers(
        (
            LoggingObserver(),
            MetricsObserver(metrics.registry),
            AuditObserver(resources.audit),
        )
    )
    guard = Guard(
        config.prompt_config.system_prompt,
        observers,
        max_chars=limits.max_tool_chars,
        refuse=limits.refuse_suspicious,
    )
    registry = build_tools(*_documents(settings, limits))
    models = build_models(config.llm_config, limits, observers)
    runner = Runner(
        models,
        registry,
        ToolCaller(registry, guard, observers, limits.tool_timeout),
        build_strategy(limits, observers),
        limits,
    )
    return AnsweringAgent(
        config, limits, Parts(guard=guard, models=models, runner=runner, observers=observers, metrics=metrics)
    )


def build_models(config: LlmConfig, limits: AgentLimits, observers: Observers) -> ModelChain:
    """Return the configured model and its fallback, each with a circuit breaker of its own.

    Raises:
        ConfigurationError: One of them lacks its key or its package.
    """
    wanted = [config, config.fallback] if config.fallback is not None else [config]
    policy = Policy(
        timeout=limits.model_timeout,
        retries=limits.retries,
        threshold=limits.breaker_threshold,
        cooldown=limits.breaker_cooldown,
    )
    guarded = [
        GuardedModel(build_model(one, limits.model_timeout), Resilience(f"the model {one.model}", policy))
        for one in wanted
    ]
    return ModelChain(guarded, observers)


def _documents(
    settings: Settings, limits: AgentLimits
) -> tuple[DocumentCollection, Batcher[Search, Sequence[Passage]]]:
    documents = FolderDocuments(settings.config_dir / "documents")
    return documents, Batcher(documents.search, size=limits.batch_size, wait=limits.batch_wait)
