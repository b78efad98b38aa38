"""One question to several agents at once; what some of them say counts even when others fail."""

import asyncio
import time
from collections.abc import Sequence

import structlog
from cachetools import LRUCache

from ..exceptions import AgentError, DependencyTimeoutError, InvalidInputError
from ..exceptions.exchange import HurriedError, NotEnoughAnswersError, NotFoundError
from ..interfaces.peers import Peers
from ..models.answer import Answer, Question
from ..models.gathering import MAX_AGENTS, MAX_DEADLINE, Gathered, GatherRequest, Reply
from ..models.registry import AgentStatus, RegisteredAgent
from ..utils.metrics import Metrics
from ..utils.tenancy import current_tenant
from .registry import AgentRegistry
from .resilience import Policy, Resilience

logger = structlog.get_logger(__name__)

BREAKERS_KEPT = 1_000
FAIR_SECONDS = 3.0
"""Who gives an agent less time than this cannot make it count as failing."""
GRACE_SECONDS = 0.1
"""For the agent's own deadline to come first."""
CRASHED = "An unexpected error occurred."


class Gatherer:
    """Asks agents of the registry at the same time, under one deadline.

    Args:
        registry: Knows the agents.
        peers: Asks them.
        policy: Retries and the circuit breaker of each agent; its timeout is what any deadline may be at most.
        concurrency: Agents asked at once for one request.
        metrics: Where outcomes are counted.
    """

    def __init__(
        self, registry: AgentRegistry, peers: Peers, policy: Policy, concurrency: int, metrics: Metrics
    ) -> None:
        self._registry = registry
        self._peers = peers
        self._policy = policy
        self._concurrency = concurrency
        self._metrics = metrics
        self._guards: LRUCache[tuple[str, str], Resilience] = LRUCache(BREAKERS_KEPT)

    async def gather(self, request: GatherRequest, subject: str) -> Gathered:
        """Return what each agent said until the deadline.

        Raises:
            InvalidInputError: Nobody is there to be asked, or fewer than have to answer.
            NotEnoughAnswersError: Fewer answered than were needed.
        """
        agents = await self._wanted(request)
        replies = await self._replies(agents, request, subject)
        for reply in replies:
            self._metrics.gathered.labels(reply.outcome).inc()
        answered = sum(reply.answer is not None for reply in replies)
        if answered < request.min_answers:
            message = f"{answered} of {len(agents)} agents answered; {request.min_answers} were needed."
            raise NotEnoughAnswersError(message)
        return Gathered(complete=answered == len(agents), replies=replies)

    async def _wanted(self, request: GatherRequest) -> Sequence[RegisteredAgent]:
        if request.agents:
            agents: Sequence[RegisteredAgent] = await self._named(request.agents)
        else:
            page = await self._registry.page(
                capability=request.capability, status=AgentStatus.ACTIVE, after="", limit=MAX_AGENTS
            )
            agents = page.items
        if len(agents) < request.min_answers:
            message = f"Only {len(agents)} such agents are there."
            raise InvalidInputError(message)
        return agents

    async def _named(self, names: Sequence[str]) -> Sequence[RegisteredAgent]:
        try:
            return [await self._registry.get(name) for name in dict.fromkeys(names)]
        except NotFoundError as error:
            raise InvalidInputError(str(error)) from error

    async def _replies(
        self, agents: Sequence[RegisteredAgent], request: GatherRequest, subject: str
    ) -> tuple[Reply, ...]:
        places = asyncio.Semaphore(self._concurrency)
        question = Question(question=request.question)
        deadline = asyncio.get_running_loop().time() + request.deadline

        async def one(agent: RegisteredAgent) -> Reply:
            started = time.perf_counter()
            try:
                async with asyncio.timeout_at(deadline + GRACE_SECONDS), places:
                    answer = await self._ask(agent, question, subject, deadline)
            except (TimeoutError, DependencyTimeoutError, HurriedError):
                return Reply(agent_id=agent.id, outcome="timed_out", seconds=_since(started))
            except AgentError as error:
                return Reply(agent_id=agent.id, outcome="failed", seconds=_since(started), error=str(error))
            except Exception as error:  # whatever one agent does, the others' answers count
                logger.exception("gathering_crashed", agent_id=agent.id, error_type=type(error).__name__)
                return Reply(agent_id=agent.id, outcome="failed", seconds=_since(started), error=CRASHED)
            return Reply(agent_id=agent.id, outcome="answered", seconds=_since(started), answer=answer)

        async with asyncio.TaskGroup() as group:
            asked = [group.create_task(one(agent)) for agent in agents]
        return tuple(task.result() for task in asked)

    async def _ask(self, agent: RegisteredAgent, question: Question, subject: str, deadline: float) -> Answer:
        key = current_tenant(), agent.id
        guard = self._guards.get(key)
        if guard is None:
            guard = self._guards[key] = Resilience(f"the agent {agent.id}", self._policy)
        return await guard.call(lambda: self._in_time(agent, question, subject, deadline))

    async def _in_time(self, agent: RegisteredAgent, question: Question, subject: str, deadline: float) -> Answer:
        """Return the answer; that it did not come in time counts against the agent only when it had some."""
        loop = asyncio.get_running_loop()
        started = loop.time()
        try:
            async with asyncio.timeout_at(deadline):
                return await self._peers.ask(agent, question, subject)
        except TimeoutError as error:
            message = f"the agent {agent.id} did not answer in time"
            hurried = loop.time() - started < FAIR_SECONDS
            raise (HurriedError if hurried else DependencyTimeoutError)(message) from error


def gather_policy(retries: int, threshold: int, cooldown: float) -> Policy:
    """Return how far to go for one agent within a deadline."""
    return Policy(timeout=MAX_DEADLINE, retries=retries, threshold=threshold, cooldown=cooldown)


def _since(started: float) -> float:
    return round(time.perf_counter() - started, 3)
