"""Work that is done again and again, as long as the service runs."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog

from ..exceptions import AgentError
from ..utils.metrics import Metrics

logger = structlog.get_logger(__name__)

Job = Callable[[], Awaitable[None]]

GRACE_SECONDS = 0.5


class Periodic:
    """Does each job at once, and then in its interval; one that fails is done again the next time."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._running: list[asyncio.Task[None]] = []
        self._ending = asyncio.Event()

    def start(self, name: str, job: Job, seconds: float) -> None:
        """Begin with a job."""
        self._running.append(asyncio.create_task(self._repeat(name, job, seconds), name=name))

    async def stop(self) -> None:
        """End all jobs; one that is at work may finish, if that is a matter of a moment."""
        self._ending.set()
        if self._running:
            await asyncio.wait(self._running, timeout=GRACE_SECONDS)
        for task in self._running:
            task.cancel()
        for task in self._running:
            with suppress(asyncio.CancelledError):
                await task
        self._running, self._ending = [], asyncio.Event()

    async def _repeat(self, name: str, job: Job, seconds: float) -> None:
        while not self._ending.is_set():
            try:
                await job()
            except Exception as error:
                self._metrics.errors.labels(type(error).__name__).inc()
                expected = isinstance(error, AgentError)
                logger.warning("job_failed", job=name, detail=str(error), exc_info=None if expected else error)
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._ending.wait()
