"""Workers: take messages from a queue, a bounded number at once, and settle each one whatever happens."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import structlog
from opentelemetry import propagate, trace

from ..exceptions import (
    AgentError,
    DependencyUnavailableError,
    InvalidInputError,
    ResourceError,
    ShuttingDownError,
)
from ..exceptions.messaging import LostMessageError, RefusedMessageError
from ..interfaces.queue import MessageQueue
from ..interfaces.work import MessageHandler
from ..models.messages import Delivery, Message
from ..utils.metrics import Metrics
from ..utils.tenancy import bind_tenant
from .lifecycle import Lifecycle, State

logger = structlog.get_logger(__name__)
tracer = trace.get_tracer(__name__)

POLL_SECONDS = 1.0
"""The longest wait for a message, and so for an idle worker to notice that it shall stop."""
BUSY_SECONDS = 5.0
"""When a message comes again that could not be worked on for want of something of our own, such as the store."""
STOPPED = "The process that worked on it was stopped."


@dataclass(frozen=True, kw_only=True)
class WorkPolicy:
    """How far to go for one message.

    Args:
        workers: Messages worked on at once.
        attempts: The last one that fails makes a dead letter.
        timeout: Seconds for one attempt.
        first_delay: Seconds before the second attempt; twice as long before each further one.
        longest_delay: Seconds.
    """

    workers: int
    attempts: int
    timeout: float
    first_delay: float = 1.0
    longest_delay: float = 300.0

    def delay(self, attempt: int) -> float:
        """Return the seconds after a failed attempt."""
        return min(self.longest_delay, self.first_delay * 2.0 ** (attempt - 1))


class Workers:
    """Works on one queue.

    Args:
        name: Of the queue, in metrics and records.
        queue: Where messages come from.
        handler: Does the work.
        policy: How far to go.
        lifecycle: A draining process takes no new messages.
        metrics: Where outcomes are counted.
    """

    def __init__(  # noqa: PLR0913  # a pool's parts
        self,
        *,
        name: str,
        queue: MessageQueue,
        handler: MessageHandler,
        policy: WorkPolicy,
        lifecycle: Lifecycle,
        metrics: Metrics,
    ) -> None:
        self._name = name
        self._queue = queue
        self._handler = handler
        self._policy = policy
        self._lifecycle = lifecycle
        self._metrics = metrics
        self._stopping = False
        self._running: list[asyncio.Task[None]] = []
        self._interrupted: list[Delivery] = []

    def start(self) -> None:
        """Begin to work."""
        self._running = [asyncio.create_task(self._work_on()) for _ in range(self._policy.workers)]

    async def stop(self, within: float) -> None:
        """Finish what is being worked on, and take no more; what is not done in ``within`` seconds is given back."""
        self._stopping = True
        if not self._running:
            return
        _, late = await asyncio.wait(self._running, timeout=within)
        if late:
            logger.warning("work_interrupted", queue=self._name, messages=len(late))
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        while self._interrupted:
            delivery = self._interrupted.pop()
            bind_tenant(delivery.message.tenant)
            with suppress(AgentError):  # then it goes to another worker when its lease is over
                await self._put_off(delivery, ShuttingDownError(STOPPED), 0)

    async def _work_on(self) -> None:
        while not self._stopping and self._lifecycle.state is State.RUNNING:
            try:
                delivery = await self._queue.receive(POLL_SECONDS)
                if delivery is not None:
                    await self._deliver(delivery)
            except AgentError as error:
                self._metrics.errors.labels(type(error).__name__).inc()
                logger.warning("queue_failed", queue=self._name, error_type=type(error).__name__, detail=str(error))
                await asyncio.sleep(POLL_SECONDS)

    async def _deliver(self, delivery: Delivery) -> None:
        message = delivery.message
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(correlation_id=message.correlation_id, message_id=message.id)
        bind_tenant(message.tenant)
        try:
            async with self._lease_kept(delivery):
                error = await self._attempt(message)
                if error is None:
                    await self._queue.acknowledge(delivery)
                    self._count("done")
                else:
                    await self._failed(delivery, error)
        except asyncio.CancelledError:
            self._interrupted.append(delivery)
            raise

    async def _attempt(self, message: Message) -> Exception | None:
        """Return what went wrong."""
        if message.attempt > self._policy.attempts:
            return LostMessageError("Its last worker died.")
        context = propagate.extract(message.headers)
        with tracer.start_as_current_span(f"{self._name}.work", context, attributes={"message.id": message.id}):
            try:
                async with asyncio.timeout(self._policy.timeout):
                    await self._handler.handle(message)
            except Exception as error:  # noqa: BLE001  # a worker outlives whatever a message does to it; recorded
                self._record(message, error)
                return error
        return None

    async def _failed(self, delivery: Delivery, error: Exception) -> None:
        message = delivery.message
        if isinstance(error, ResourceError):  # our own trouble, which passes: no fault of the message
            await self._put_off(delivery, error, getattr(error, "retry_after", BUSY_SECONDS))
        elif isinstance(error, InvalidInputError) or message.attempt >= self._policy.attempts:
            await self._give_up(delivery, error)
        else:
            await self._handler_told(self._handler.delayed, message, error)
            await self._queue.retry(delivery, self._policy.delay(message.attempt))
            self._count("retried")

    async def _put_off(self, delivery: Delivery, error: Exception, seconds: float) -> None:
        """Let the same attempt come again."""
        await self._handler_told(self._handler.delayed, delivery.message, error)
        await self._queue.retry(delivery, seconds, counted=False)
        self._count("retried")

    async def _give_up(self, delivery: Delivery, error: Exception) -> None:
        if not await self._handler_told(self._handler.given_up, delivery.message, error):
            await self._queue.retry(delivery, BUSY_SECONDS, counted=False)  # nobody could note it, so it has not come
            self._count("retried")
            return
        await self._queue.bury(delivery, _reason(error))
        self._count("dead")

    async def _handler_told(
        self, tell: Callable[[Message, Exception], Awaitable[None]], message: Message, error: Exception
    ) -> bool:
        try:
            await tell(message, error)
        except AgentError as trouble:
            self._record(message, trouble)
            return False
        return True

    @asynccontextmanager
    async def _lease_kept(self, delivery: Delivery) -> AsyncIterator[None]:
        keeper = asyncio.create_task(self._extend(delivery))
        try:
            yield
        finally:
            keeper.cancel()
            with suppress(asyncio.CancelledError):
                await keeper

    async def _extend(self, delivery: Delivery) -> None:
        while True:
            await asyncio.sleep(self._queue.lease / 3)
            with suppress(DependencyUnavailableError):  # the next one is in time still
                await self._queue.extend(delivery)

    def _record(self, message: Message, error: Exception) -> None:
        self._metrics.errors.labels(type(error).__name__).inc()
        expected = isinstance(error, AgentError | TimeoutError)
        logger.warning(
            "message_failed",
            queue=self._name,
            attempt=message.attempt,
            error_type=type(error).__name__,
            exc_info=None if expected else error,
        )

    def _count(self, outcome: str) -> None:
        self._metrics.messages.labels(self._name, outcome).inc()


def _reason(error: Exception) -> str:
    """Return what people read; only of our own words, for what others say may be about somebody."""
    name = type(error).__name__
    return f"{name}: {error}" if isinstance(error, RefusedMessageError) else name
