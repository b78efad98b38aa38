"""The agent: cached answers, else the model's, else the fallback."""

import hashlib
from dataclasses import dataclass

import structlog
from opentelemetry import trace
from pydantic import JsonValue

from ..config.agent_config import AgentConfig
from ..exceptions import CommunicationError, ConfigurationError
from ..exceptions.untrusted import UnsafeAnswerError
from ..interfaces.agent import Agent
from ..interfaces.model import LanguageModel
from ..models.answer import Answer, Question
from ..models.completion import Completion, Prompt
from ..models.history import NO_HISTORY, History
from ..utils.metrics import Metrics
from .caching import Cache
from .output import OutputSchema
from .resilience import Resilience
from .text_guard import TextGuard

logger = structlog.get_logger(__name__)
tracer = trace.get_tracer(__name__)

PRODUCED = frozenset({"answer_text", "answer_source", "model_name"})
"""The fields that this agent can fill."""


@dataclass(frozen=True)
class _Reply:
    text: str
    degraded: bool


class AnsweringAgent(Agent):
    """Answers with a language model.

    Args:
        config: What the agent is.
        facts: What it knows.
        model: Writes the answers.
        guard: Keeps what others wrote from steering the model.
        resilience: Guards the calls to the model.
        metrics: Where look-ups and fallbacks are counted.
        cache: Keeps answers, bounded in number and age; ``None`` keeps none.

    Raises:
        ConfigurationError: The schema requires a field that this agent does not produce.
    """

    def __init__(  # noqa: PLR0913  # an agent's parts
        self,
        config: AgentConfig,
        *,
        facts: str,
        model: LanguageModel,
        guard: TextGuard,
        resilience: Resilience,
        metrics: Metrics,
        cache: Cache[Answer] | None = None,
    ) -> None:
        self._config = config
        self._system = f"{config.prompt_config.system_prompt}\n{facts}"
        self._edition = f"{config.agent_id} {config.version} {hashlib.sha256(self._system.encode()).hexdigest()}"
        self._model = model
        self._guard = guard
        self._resilience = resilience
        self._metrics = metrics
        self._cache = cache
        self._schema = OutputSchema(config.schema_config)
        if unknown := self._schema.required - PRODUCED:
            message = f"{config.agent_id}: nobody fills the required fields {', '.join(sorted(unknown))}"
            raise ConfigurationError(message)

    async def answer(self, question: Question, history: History = NO_HISTORY, *, fresh: bool = False) -> Answer:
        """Return an answer; a failing model leads to the fallback, marked as degraded.

        What follows from a conversation is its client's alone: such answers are not kept.

        Raises:
            SuspiciousInputError: The question reads like an attack.
        """
        if fresh or history or self._cache is None:
            return await self._produce(question, history)
        answer, kept = await self._cache.get_or_make(
            self._key(question), lambda: self._produce(question, history), keep=lambda made: not made.degraded
        )
        return answer.model_copy(update={"cached": True}) if kept else answer

    async def close(self) -> None:
        """Close the model's connections."""
        await self._model.close()

    def _key(self, question: Question) -> str:
        """Return what makes an answer the same: who answers, in which version, knowing what, and what was asked."""
        return hashlib.sha256(f"{self._edition} {question.question}".encode()).hexdigest()

    async def _produce(self, question: Question, history: History) -> Answer:
        reply = await self._reply(question.question, history)
        return Answer(
            agent_id=self._config.agent_id,
            agent_version=self._config.version,
            output=self._schema.public(self._fields(reply)),
            degraded=reply.degraded,
        )

    async def _reply(self, question: str, history: History) -> _Reply:
        prompt = Prompt(self._system, self._guard.question(question), self._guard.history(history))

        async def complete() -> Completion:
            with tracer.start_as_current_span("model.complete", attributes={"model.name": self._model.name}):
                return await self._model.complete(prompt)

        try:
            completion = await self._resilience.call(complete)
            return _Reply(self._guard.answer(completion.text), degraded=False)
        except (CommunicationError, UnsafeAnswerError) as error:
            return self._fallback(error)

    def _fallback(self, error: CommunicationError | UnsafeAnswerError) -> _Reply:
        self._metrics.fallbacks.labels(type(error).__name__).inc()
        logger.warning("fallback_answer", error_type=type(error).__name__, detail=str(error))
        return _Reply(self._config.prompt_config.fallback_answer, degraded=True)

    def _fields(self, reply: _Reply) -> dict[str, JsonValue]:
        return {
            "answer_text": reply.text,
            "answer_source": "fallback" if reply.degraded else "model",
            "model_name": self._model.name,
        }
