"""Health: is the process ready for work, and does the agent really answer?"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil
import structlog
from cachetools import TTLCache

from ..exceptions import AgentError
from ..interfaces.agent import Agent
from ..models.answer import Question
from ..models.health import HealthReport
from .lifecycle import Lifecycle, State

logger = structlog.get_logger(__name__)

READY_CACHE_SECONDS = 5.0
ANSWER_WITHIN_SECONDS = 5.0
USED_AT_MOST = 0.90
PROBE_QUESTION = Question(question="Health check")

Check = Callable[[], Awaitable[None]]
"""Raises an AgentError when what it looks at is not usable."""


@dataclass(frozen=True)
class ResourceUsage:
    """The used share of the machine's memory and of the disk, 0 to 1."""

    memory: float
    disk: float


def resource_usage(path: Path) -> ResourceUsage:
    """Measure the memory, and the disk that holds ``path``."""
    existing = next(folder for folder in (path, *path.parents) if folder.exists())
    return ResourceUsage(
        memory=psutil.virtual_memory().percent / 100,
        disk=psutil.disk_usage(str(existing)).percent / 100,
    )


class HealthService:
    """Answers the three health questions.

    Args:
        agent: Asked by the deep check only: a failing provider must not take every replica out of service.
        lifecycle: A draining process is not ready.
        dependencies: The service's own dependencies, each with its check.
        usage: Measures memory and disk.
        clock: Seconds that never run backwards.
    """

    def __init__(
        self,
        agent: Agent,
        lifecycle: Lifecycle,
        dependencies: Mapping[str, Check],
        usage: Callable[[], ResourceUsage],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._agent = agent
        self._lifecycle = lifecycle
        self._dependencies = dependencies
        self._usage = usage
        self._recent: TTLCache[str, bool] = TTLCache(maxsize=100, ttl=READY_CACHE_SECONDS, timer=clock)

    async def ready(self) -> HealthReport:
        """Return whether the process takes work and its dependencies are there; looks at most every 5 s."""
        checks = {name: await self._dependency(name) for name in self._dependencies}
        return HealthReport.of({"accepting_work": self._lifecycle.state is State.RUNNING, **checks})

    async def deep(self) -> HealthReport:
        """Return whether the agent itself answers within 5 s and has what it uses; memory and disk are below 90 %."""
        usage = self._usage()
        return HealthReport.of(
            {
                "agent_answers": await self._agent_answers(),
                "memory": usage.memory < USED_AT_MOST,
                "disk": usage.disk < USED_AT_MOST,
                **await self._agent.dependencies(),
            }
        )

    async def _dependency(self, name: str) -> bool:
        known = self._recent.get(name)
        if known is None:
            known = self._recent[name] = await _passes(name, self._dependencies[name])
        return known

    async def _agent_answers(self) -> bool:
        try:
            async with asyncio.timeout(ANSWER_WITHIN_SECONDS):
                answer = await self._agent.answer(PROBE_QUESTION, fresh=True)
        except (AgentError, TimeoutError) as error:
            logger.warning("deep_check_failed", error_type=type(error).__name__)
            return False
        return not answer.degraded


async def _passes(name: str, check: Check) -> bool:
    try:
        await check()
    except AgentError as error:
        logger.warning("dependency_unhealthy", dependency=name, error_type=type(error).__name__)
        return False
    return True
