"""Builds the agent: every part is made here, once, and handed what it needs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..config.agent_limits import AgentLimits
from ..config.llm_config import LlmConfig, ModelConfig
from ..config.memory import MemoryConfig
from ..exceptions import ConfigurationError
from ..interfaces.documents import DocumentCollection
from ..interfaces.model import LanguageModel
from ..interfaces.streaming import StreamingAgent
from ..models.answer import Answer
from ..models.documents import Passage, Search
from .answering import AnsweringAgent, Parts
from .batching import Batcher
from .document_tools import build_tools
from .documents import FolderDocuments
from .guard import Guard
from .input_judge import InputJudge
from .long_term_memory import LongTermMemory
from .memories import Memories, build_memories
from .model_chain import GuardedModel, ModelChain
from .observers import AuditObserver, LoggingObserver, MetricsObserver, Observers
from .providers import build_model
from .resilience import Policy, Resilience
from .resources import Resources
from .runner import Runner
from .strategies import build_strategy
from .token_quotas import TokenQuotas
from .tools import ToolCaller, ToolRegistry

if TYPE_CHECKING:
    from .remote_tools import RemoteTools


@dataclass(frozen=True, kw_only=True)
class Shared:
    """What all agents of one service share: those who look on, the documents with their searches, tools, and quotas."""

    observers: Observers
    documents: DocumentCollection
    searches: Batcher[Search, Sequence[Passage]]
    tools: ToolRegistry
    quotas: TokenQuotas


def build_shared(resources: Resources) -> Shared:
    """Return it; once for a service, since metrics are registered.

    Raises:
        ConfigurationError: The documents cannot be read.
    """
    settings, limits = resources.settings, resources.settings.limits
    observers = Observers(
        (LoggingObserver(), MetricsObserver(resources.metrics.registry), AuditObserver(resources.audit))
    )
    documents = build_documents(resources, observers)
    searches = Batcher(documents.search, size=limits.batch_size, wait=limits.batch_wait)
    return Shared(
        observers=observers,
        documents=documents,
        searches=searches,
        tools=build_tools(documents, searches),
        quotas=TokenQuotas(settings.tenants, resources.counters, resources.metrics),
    )


def build_agent(resources: Resources, shared: Shared | None = None) -> StreamingAgent:
    """Return the agent that the configuration describes, with the limits of the environment.

    Raises:
        ConfigurationError: The configuration asks for what cannot be had.
    """
    limits, config, metrics = resources.settings.limits, resources.agent_config, resources.metrics
    shared = shared or build_shared(resources)
    observers = shared.observers
    guard = Guard(
        config.prompt_config.system_prompt,
        observers,
        max_chars=limits.max_tool_chars,
        refuse=limits.refuse_suspicious,
    )
    registry = shared.tools
    memories = build_memories(resources)
    memory = build_memory(resources.settings.memory, memories, guard, observers)
    if memory is not None:
        memory.offer(registry)
    remote = build_remote(resources, registry)
    models = build_models(config.llm_config, limits, observers, choices=resources.settings.models)
    runner = Runner(
        models,
        registry,
        ToolCaller(registry, guard, observers, limits.tool_timeout, at_once=limits.tool_concurrency),
        build_strategy(limits, observers),
        limits,
        shared.quotas,
    )
    cache = resources.caches.make("answers", Answer, size=limits.cache_size, ttl=limits.cache_ttl)
    return AnsweringAgent(
        config,
        limits,
        Parts(
            guard=guard,
            models=models,
            registry=registry,
            runner=runner,
            observers=observers,
            metrics=metrics,
            cache=cache if limits.cache_enabled else None,
            remote=remote,
            judge=build_input_judge(resources, observers),
            documents=shared.documents,
            memory=memory,
            memories=memories,
        ),
    )


def build_memory(config: MemoryConfig, memories: Memories, guard: Guard, observers: Observers) -> LongTermMemory | None:
    """Return the memory over all conversations, if the environment has one."""
    return LongTermMemory(memories, config, guard, observers) if config.enabled else None


def build_documents(resources: Resources, observers: Observers) -> DocumentCollection:
    """Return the documents, searched by vectors beside words where the environment says so; else nothing is loaded.

    Raises:
        ConfigurationError: They cannot be read, or the search by vectors cannot be had.
    """
    settings = resources.settings
    documents = FolderDocuments(settings.config_dir / "documents")
    if settings.retrieval is None:
        return documents
    from .hybrid_documents import build_hybrid

    return build_hybrid(documents, settings.retrieval, resources, observers)


def build_remote(resources: Resources, registry: ToolRegistry) -> "RemoteTools | None":
    """Return the tools of servers, if the environment has any; without them nothing is loaded for them.

    Raises:
        ConfigurationError: A secret of theirs is missing, or the package.
    """
    config = resources.settings.mcp
    if not config.servers:
        return None
    try:
        from .remote_tools import build_remote_tools
    except ImportError as error:
        message = "tools of servers need their package: install the extra 'mcp'"
        raise ConfigurationError(message) from error
    return build_remote_tools(config, registry, resources.periodic)


def build_input_judge(resources: Resources, observers: Observers) -> InputJudge | None:
    """Return who judges questions, if the environment has somebody.

    Raises:
        ConfigurationError: The model lacks its key or its package.
    """
    config = resources.settings.input_judge
    return None if config is None else InputJudge(build_model(config.model, config.timeout), config, observers)


def build_models(
    config: LlmConfig,
    limits: AgentLimits,
    observers: Observers,
    build: Callable[[ModelConfig, float], LanguageModel] = build_model,
    choices: Mapping[str, LlmConfig] | None = None,
) -> ModelChain:
    """Return the configured model and its fallback, and those to choose among, each with a circuit breaker of its own.

    Args:
        config: Which ones.
        limits: How long a call may take, and how often it is tried.
        observers: Told every reply and failure.
        build: Makes a model that gives up after so many seconds.
        choices: The models that a caller may name.

    Raises:
        ConfigurationError: One of them lacks its key or its package.
    """
    policy = Policy(
        timeout=limits.model_timeout,
        retries=limits.retries,
        threshold=limits.breaker_threshold,
        cooldown=limits.breaker_cooldown,
    )

    def guarded(wanted: LlmConfig) -> list[GuardedModel]:
        return [
            GuardedModel(build(one, limits.model_timeout), Resilience(f"the model {one.model}", policy))
            for one in (wanted, wanted.fallback)
            if one is not None
        ]

    others = {name: guarded(wanted) for name, wanted in (choices or {}).items()}
    return ModelChain(guarded(config), observers, others)
