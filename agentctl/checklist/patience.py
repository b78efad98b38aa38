"""A bound on the time of one check, so that no tree can make the report wait for ever."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class TookTooLongError(BaseException):
    """A check was stopped; derived from ``BaseException`` so that no handler on the way takes it for its own error."""


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Stop what runs in the block after some seconds, patterns that never end included.

    Only the main thread of a POSIX system can be stopped like that; elsewhere there is no bound.

    Raises:
        TookTooLongError: The time is over.
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return
    start = time.monotonic()
    before = signal.signal(signal.SIGALRM, _stop)
    left, again = signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.001))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        if left:  # somebody else's timer runs on
            signal.setitimer(signal.ITIMER_REAL, max(left - (time.monotonic() - start), 0.001), again)


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise TookTooLongError
