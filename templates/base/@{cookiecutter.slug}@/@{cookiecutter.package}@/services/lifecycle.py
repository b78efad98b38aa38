"""What the process is doing: running, draining or stopped; and how much it takes on."""

import asyncio
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from types import FrameType

import structlog

from ..exceptions import OverloadedError, ShuttingDownError

logger = structlog.get_logger(__name__)


class State(StrEnum):
    """The states, in their only order."""

    RUNNING = "running"
    DRAINING = "draining"
    STOPPED = "stopped"


class Lifecycle:
    """Admits work while running, up to a bound; waits for it to finish when draining.

    Args:
        max_active: Requests worked on at once.
    """

    def __init__(self, max_active: int) -> None:
        self._max_active = max_active
        self._active = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._state = State.RUNNING
        self._draining_since: float | None = None

    @property
    def state(self) -> State:
        """What the process is doing."""
        return self._state

    @property
    def active(self) -> int:
        """Requests that are being worked on."""
        return self._active

    @contextmanager
    def work(self) -> Iterator[None]:
        """Hold a place for one request.

        Raises:
            ShuttingDownError: Nothing new is taken on.
            OverloadedError: All places are taken.
        """
        if self._state is not State.RUNNING:
            message = "The service is shutting down."
            raise ShuttingDownError(message)
        if self._active >= self._max_active:
            message = "The service is busy."
            raise OverloadedError(message)
        self._enter()
        try:
            yield
        finally:
            self._leave()

    def drain(self) -> None:
        """Take on nothing new. Safe to call from a signal handler: it only notes it."""
        if self._state is State.RUNNING:
            self._state, self._draining_since = State.DRAINING, time.monotonic()

    def left(self, timeout: float) -> float:
        """Return how many seconds of a drain are left, which begins once for all that have to finish something.

        Args:
            timeout: Seconds for the whole drain.
        """
        begun = self._draining_since
        return timeout if begun is None else max(0.0, begun + timeout - time.monotonic())

    async def stop(self, timeout: float) -> None:  # noqa: ASYNC109  # a bound on waiting, not on the caller's work
        """Drain, and wait until all work is done or ``timeout`` seconds since the drain began are over."""
        self.drain()
        logger.info("draining", active=self._active)
        try:
            async with asyncio.timeout(self.left(timeout)):
                await self._idle.wait()
        except TimeoutError:
            logger.warning("drain_timeout", active=self._active)
        self._state = State.STOPPED

    def _enter(self) -> None:
        self._active += 1
        self._idle.clear()

    def _leave(self) -> None:
        self._active -= 1
        if self._active == 0:
            self._idle.set()


@contextmanager
def drain_on_signal(lifecycle: Lifecycle) -> Iterator[None]:
    """Drain as soon as SIGTERM or SIGINT arrives, then let the server's own handler go on.

    The server only tells the application when all connections are closed, which is too late to refuse work.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # signals reach the main thread only
        return
    previous = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def handle(number: int, frame: FrameType | None) -> None:
        lifecycle.drain()
        handler = previous[signal.Signals(number)]
        if callable(handler):
            handler(number, frame)

    for number in previous:
        signal.signal(number, handle)
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
