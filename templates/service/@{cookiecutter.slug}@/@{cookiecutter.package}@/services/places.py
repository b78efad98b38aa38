"""A bound on how many of something there are at once."""

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import Gauge

from ..exceptions import OverloadedError, ShuttingDownError
from .lifecycle import Lifecycle, State


class Places:
    """Hands out places, as long as there are any and the process runs.

    Args:
        most: How many there are.
        lifecycle: A draining process hands out none.
        taken: Shows how many are taken.
    """

    def __init__(self, most: int, lifecycle: Lifecycle, taken: Gauge) -> None:
        self._free = most
        self._lifecycle = lifecycle
        self._taken = taken

    @contextmanager
    def one(self) -> Iterator[None]:
        """Hold a place.

        Raises:
            ShuttingDownError: Nothing new is taken on.
            OverloadedError: All places are taken.
        """
        if self._lifecycle.state is not State.RUNNING:
            message = "The service is shutting down."
            raise ShuttingDownError(message)
        if self._free == 0:
            message = "As many streams as allowed are open."
            raise OverloadedError(message)
        self._free -= 1
        try:
            with self._taken.track_inprogress():
                yield
        finally:
            self._free += 1
