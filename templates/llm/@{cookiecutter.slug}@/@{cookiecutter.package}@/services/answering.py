"""The agent: answers questions about the documents, and nothing else."""

import asyncio
import hashlib
import re
import time
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog
from pydantic import JsonValue

from ..config.agent_config import AgentConfig
from ..config.agent_limits import AgentLimits
from ..config.model_choice import DEFAULT
from ..exceptions import AgentError, CommunicationError, ConfigurationError
from ..exceptions.runs import RunLimitError, UnsafeAnswerError
from ..interfaces.documents import DocumentCollection
from ..interfaces.memory import MemoryKeeper
from ..interfaces.streaming import StreamingAgent
from ..models.answer import Answer, Question
from ..models.conversation import Prompt, ToolResult
from ..models.events import LimitReached, RunEnded, RunOutcome
from ..models.history import NO_HISTORY, History
from ..models.info import ToolInfo
from ..models.streaming import Answered, Restarted, StreamEvent, TextAdded, ToolUsed
from ..utils.metrics import Metrics
from .budget import Budget
from .caching import Cache
from .guard import Guard
from .input_judge import InputJudge
from .long_term_memory import LongTermMemory
from .model_chain import ModelChain, TextSink
from .observers import Observers
from .output import OutputSchema
from .runner import Runner, Watcher
from .tools import ToolRegistry

if TYPE_CHECKING:
    from .remote_tools import RemoteTools

logger = structlog.get_logger(__name__)

PRODUCED = frozenset({"answer_text", "answer_source", "sources", "model_name", "steps"})
"""The fields that this agent can fill."""

CITATION = re.compile(r"\[([a-z0-9]+(?:-[a-z0-9]+)*)\]")


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What the agent works with; each part can be replaced by another one."""

    guard: Guard
    models: ModelChain
    registry: ToolRegistry
    runner: Runner
    observers: Observers
    metrics: Metrics
    cache: Cache[Answer] | None = None
    remote: "RemoteTools | None" = None
    judge: InputJudge | None = None
    documents: DocumentCollection | None = None
    memory: LongTermMemory | None = None
    memories: MemoryKeeper | None = None


@dataclass(frozen=True)
class _Draft:
    text: str
    source: RunOutcome
    model: str
    evidence: tuple[ToolResult, ...] = ()


class AnsweringAgent(StreamingAgent):
    """Answers from the documents by way of tools; without a model it says so in plain words.

    Args:
        config: What the agent is.
        limits: How it runs in this environment.
        parts: What it works with.

    Raises:
        ConfigurationError: The schema requires a field that this agent does not produce.
    """

    def __init__(self, config: AgentConfig, limits: AgentLimits, parts: Parts) -> None:
        self._config = config
        self._limits = limits
        self._parts = parts
        self._cache = parts.cache
        self._schema = OutputSchema(config.schema_config)
        if unknown := self._schema.required - PRODUCED:
            message = f"{config.agent_id}: nobody fills the required fields {', '.join(sorted(unknown))}"
            raise ConfigurationError(message)

    async def answer(self, question: Question, history: History = NO_HISTORY, *, fresh: bool = False) -> Answer:
        """Return an answer; equal questions at the same time are answered once."""
        prompt = await self._prompt(question, history)
        cache = None if fresh else self._cache_for(history)
        if cache is None:
            return await self._produce(question, prompt)
        answer, kept = await cache.get_or_make(
            self._key(question), lambda: self._produce(question, prompt), keep=_worth_keeping
        )
        return _as_cached(answer) if kept else answer

    async def stream(self, question: Question, history: History = NO_HISTORY) -> AsyncGenerator[StreamEvent, None]:
        """Return the events of an answer."""
        prompt, cache = await self._prompt(question, history), self._cache_for(history)
        kept = None if cache is None else await cache.get(self._key(question))
        if kept is not None:
            yield Answered(answer=_as_cached(kept))
            return
        events: asyncio.Queue[StreamEvent | None] = asyncio.Queue()
        task = asyncio.create_task(self._produce(question, prompt, _watcher(events, self._parts.guard)))
        task.add_done_callback(lambda _: events.put_nowait(None))
        try:
            while (event := await events.get()) is not None:
                yield event
            answer = await task
            if cache is not None and _worth_keeping(answer):
                await cache.put(self._key(question), answer)
            yield Answered(answer=answer)
        finally:
            task.cancel()

    @property
    def models(self) -> tuple[str, ...]:
        """The models that callers may choose among."""
        return (DEFAULT, *self._parts.models.choices)

    @property
    def tools(self) -> tuple[ToolInfo, ...]:
        """The tools that can be had now."""
        return tuple(ToolInfo(name=tool.name, description=tool.description) for tool in self._parts.registry)

    @property
    def memories(self) -> MemoryKeeper | None:
        """What was remembered of users, also where nothing new is."""
        return self._parts.memories

    async def open(self) -> None:
        """Let the documents begin, and look once what the servers of tools offer."""
        if self._parts.documents is not None:
            await self._parts.documents.open()
        if self._parts.remote is not None:
            await self._parts.remote.open()

    async def dependencies(self) -> Mapping[str, bool]:
        """Return of what searches use, and of each server of tools, whether it can be had."""
        documents, remote = self._parts.documents, self._parts.remote
        return {
            **({} if documents is None else await documents.dependencies()),
            **({} if remote is None else await remote.check()),
        }

    async def close(self) -> None:
        """Close the connections to models, of the documents, and to servers of tools."""
        await self._parts.models.close()
        if self._parts.judge is not None:
            await self._parts.judge.close()
        if self._parts.documents is not None:
            await self._parts.documents.close()
        if self._parts.remote is not None:
            await self._parts.remote.close()

    async def _prompt(self, question: Question, history: History) -> Prompt:
        guard, memory = self._parts.guard, self._parts.memory
        user = guard.question(question.question)  # refused before anything is read
        return Prompt(
            system=self._config.prompt_config.system_prompt,
            user=user,
            context="" if memory is None else await memory.begin(question.question, history),
            history=guard.history(history),
            model=question.model,
        )

    def _cache_for(self, history: History) -> Cache[Answer] | None:
        """Return where the answer may be kept: what follows from a conversation or a memory is its client's alone."""
        return None if history or self._parts.memory is not None else self._cache

    def _key(self, question: Question) -> str:
        """Return what makes an answer the same: who answers, in which version, and what was asked."""
        model = question.model or DEFAULT
        same = f"{self._config.agent_id} {self._config.version} {model} {question.question}"
        return hashlib.sha256(same.encode()).hexdigest()

    async def _produce(self, question: Question, prompt: Prompt, watcher: Watcher | None = None) -> Answer:
        started = time.perf_counter()
        budget = Budget(self._limits)
        draft = await self._draft(question, prompt, budget, watcher)
        self._parts.observers.notify(
            RunEnded(
                outcome=draft.source,
                steps=budget.steps,
                tool_calls=budget.tool_calls,
                tokens=budget.usage.tokens,
                cost=budget.usage.cost,
                seconds=time.perf_counter() - started,
            )
        )
        return Answer(
            agent_id=self._config.agent_id,
            agent_version=self._config.version,
            output=self._schema.public(_fields(draft, budget)),
            degraded=draft.source == "fallback",
        )

    async def _draft(self, question: Question, prompt: Prompt, budget: Budget, watcher: Watcher | None) -> _Draft:
        try:
            if self._parts.judge is not None:
                budget.spend(await self._parts.judge.check(prompt.user))
            outcome = await self._parts.runner.run(prompt, question.question, budget, watcher)
            text = self._parts.guard.answer(outcome.reply.text)
        except RunLimitError as error:
            self._parts.observers.notify(LimitReached(limit=error.limit))
            return self._fallback(error, watcher)
        except (CommunicationError, UnsafeAnswerError) as error:
            return self._fallback(error, watcher)
        reply = outcome.reply
        return _Draft(text, "second-model" if reply.second else "model", reply.model, outcome.evidence)

    def _fallback(self, error: AgentError, watcher: Watcher | None) -> _Draft:
        """Return the plain answer."""
        self._parts.metrics.fallbacks.labels(type(error).__name__).inc()
        logger.warning("fallback_answer", error_type=type(error).__name__, detail=str(error))
        if watcher is not None:
            watcher.text.restart()
        return _Draft(self._config.prompt_config.fallback_answer, "fallback", self._parts.models.first)


def _watcher(events: "asyncio.Queue[StreamEvent | None]", guard: Guard) -> Watcher:
    text = guard.streamed(lambda piece: events.put_nowait(TextAdded(text=piece)))

    def void() -> None:
        text.reset()
        events.put_nowait(Restarted())

    return Watcher(
        text=TextSink(add=text.add, void=void),
        on_tool=lambda tool: events.put_nowait(ToolUsed(tool=tool)),
    )


def _fields(draft: _Draft, budget: Budget) -> dict[str, JsonValue]:
    return {
        "answer_text": draft.text,
        "answer_source": draft.source,
        "sources": list(_sources(draft)),
        "model_name": draft.model,
        "steps": budget.steps,
    }


def _sources(draft: _Draft) -> list[str]:
    """Return the documents that the answer cites and a tool really showed, once each."""
    shown = {source for result in draft.evidence for source in CITATION.findall(result.content)}
    return [source for source in dict.fromkeys(CITATION.findall(draft.text)) if source in shown]


def _worth_keeping(answer: Answer) -> bool:
    return not answer.degraded


def _as_cached(answer: Answer) -> Answer:
    return answer.model_copy(update={"cached": True})
