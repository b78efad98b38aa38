"""Those who look on: records, metrics, the audit trail."""

import logging
from collections.abc import Iterable
from dataclasses import asdict
from typing import get_args

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from ..exceptions import AgentError
from ..interfaces.audit import AuditTrail
from ..interfaces.observer import Observer
from ..models.audit import AuditEntry
from ..models.events import (
    EmbedderFailed,
    Event,
    GuardFound,
    IndexRenewed,
    LimitReached,
    MemoryUsed,
    ModelAnswered,
    ModelFailed,
    PassagesSearched,
    Ranking,
    RunEnded,
    TextsEmbedded,
    ToolCalled,
)
from ..utils.correlation import current_correlation_id
from ..utils.metrics import BUCKETS

logger = structlog.get_logger(__name__)

STEP_BUCKETS = (1, 2, 3, 4, 5, 6, 8, 10)
WARNINGS = (ModelFailed, GuardFound, LimitReached, EmbedderFailed)


class Observers(Observer):
    """Tells every event to all of them; one that breaks harms neither the others nor the run."""

    def __init__(self, observers: Iterable[Observer] = ()) -> None:
        self._observers = list(observers)

    def add(self, observer: Observer) -> None:
        """Let another one look on."""
        self._observers.append(observer)

    def notify(self, event: Event) -> None:
        """Tell all of them."""
        for observer in self._observers:
            try:
                observer.notify(event)
            except AgentError:
                raise  # such as an audit trail that cannot be written: then nothing may be done
            except Exception as error:  # the others and the run go on
                logger.exception("observer_failed", observer=type(observer).__name__, error_type=type(error).__name__)


class LoggingObserver(Observer):
    """Writes a record for each event."""

    def __init__(self) -> None:
        self._logger = logger.bind()  # once, not for each event

    def notify(self, event: Event) -> None:
        """Write it, under the event's name."""
        level = logging.WARNING if isinstance(event, WARNINGS) else logging.DEBUG
        if self._logger.is_enabled_for(level):
            self._logger.log(level, _snake(type(event).__name__), **asdict(event))


class MetricsObserver(Observer):
    """Counts."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._calls = Counter("agent_model_calls", "Calls of models.", ["model", "outcome"], registry=registry)
        self._tokens = Counter("agent_model_tokens", "Tokens used.", ["model", "direction"], registry=registry)
        self._cost = Counter("agent_model_cost_dollars", "US dollars spent.", ["model"], registry=registry)
        self._tools = Counter("agent_tool_calls", "Calls of tools.", ["tool", "outcome"], registry=registry)
        self._findings = Counter("agent_guard_findings", "Suspicious texts.", ["finding", "source"], registry=registry)
        self._limits = Counter("agent_run_limits", "Runs that came to a cap.", ["limit"], registry=registry)
        self._runs = Counter("agent_runs", "Runs by who answered.", ["outcome"], registry=registry)
        self._model_seconds = Histogram(
            "agent_model_duration_seconds", "Time of a call of a model.", ["model"], buckets=BUCKETS, registry=registry
        )
        self._tool_seconds = Histogram(
            "agent_tool_duration_seconds", "Time of a call of a tool.", ["tool"], buckets=BUCKETS, registry=registry
        )
        self._embeddings = Counter(
            "agent_embedding_calls", "Calls of embedders.", ["embedder", "outcome"], registry=registry
        )
        self._embedding_tokens = Counter(
            "agent_embedding_tokens", "Tokens that embedders read.", ["embedder"], registry=registry
        )
        self._embedding_seconds = Histogram(
            "agent_embedding_duration_seconds",
            "Time of a call of an embedder.",
            ["embedder"],
            buckets=BUCKETS,
            registry=registry,
        )
        self._searches = Counter(
            "agent_searches", "Searches that can use vectors, by what ranked.", ["ranking"], registry=registry
        )
        for ranking in get_args(Ranking):  # so that alerts have something to look at from the start
            self._searches.labels(ranking)
        self._passages = Gauge(
            "agent_index_passages", "Passages with a vector, and without one.", ["state"], registry=registry
        )
        for state in ("indexed", "missing"):
            self._passages.labels(state)
        self._memories = Counter(
            "agent_memories", "Memories that were kept, refused or told to the model.", ["action"], registry=registry
        )
        self._steps = Histogram("agent_run_steps", "Steps of a run.", buckets=STEP_BUCKETS, registry=registry)

    def notify(self, event: Event) -> None:
        """Count it."""
        match event:
            case ModelAnswered():
                self._count_reply(event)
            case ModelFailed():
                self._calls.labels(event.model, "failed").inc()
            case ToolCalled():
                self._tools.labels(event.tool, event.outcome).inc()
                self._tool_seconds.labels(event.tool).observe(event.seconds)
            case GuardFound():
                self._findings.labels(event.finding, event.source).inc()
            case LimitReached():
                self._limits.labels(event.limit).inc()
            case RunEnded():
                self._runs.labels(event.outcome).inc()
                self._steps.observe(event.steps)
            case _:
                self._count_more(event)

    def _count_reply(self, event: ModelAnswered) -> None:
        self._calls.labels(event.model, "answered").inc()
        self._model_seconds.labels(event.model).observe(event.seconds)
        self._tokens.labels(event.model, "input").inc(event.input_tokens)
        self._tokens.labels(event.model, "output").inc(event.output_tokens)
        if event.cost is not None:
            self._cost.labels(event.model).inc(float(event.cost))

    def _count_more(self, event: Event) -> None:
        match event:
            case TextsEmbedded():
                self._embeddings.labels(event.embedder, "answered").inc()
                self._embedding_tokens.labels(event.embedder).inc(event.tokens)
                self._embedding_seconds.labels(event.embedder).observe(event.seconds)
            case EmbedderFailed():
                self._embeddings.labels(event.embedder, "failed").inc()
            case PassagesSearched():
                self._searches.labels(event.ranking).inc(event.searches)
            case MemoryUsed():
                self._memories.labels(event.action).inc(event.count)
            case IndexRenewed():
                self._passages.labels("indexed").set(event.indexed)
                self._passages.labels("missing").set(event.missing)
            case _:
                pass


class AuditObserver(Observer):
    """Writes down which tools were used for whom, and what looked like an attack."""

    def __init__(self, trail: AuditTrail) -> None:
        self._trail = trail

    def notify(self, event: Event) -> None:
        """Write tool calls and findings down; the rest belongs to no audit."""
        match event:
            case ToolCalled():
                self._record(f"tools:{event.tool}", event.outcome, event.digest)
            case GuardFound():
                self._record(f"guard:{event.finding}", f"found in {event.source}")
            case _:
                pass

    def _record(self, action: str, outcome: str, digest: str = "") -> None:
        subject = str(structlog.contextvars.get_contextvars().get("subject", ""))
        correlation_id = current_correlation_id()
        self._trail.record(
            AuditEntry(action=action, subject=subject, outcome=outcome, correlation_id=correlation_id, digest=digest)
        )


def _snake(name: str) -> str:
    return "".join(f"_{char.lower()}" if char.isupper() else char for char in name).lstrip("_")
