"""Single flight: who asks for what is already being worked on gets the same result."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

Result = TypeVar("Result")


@dataclass
class _Flight(Generic[Result]):
    task: "asyncio.Task[Result]"
    waiting: int = 0


class SingleFlight(Generic[Result]):
    """Does work once for all who want it at the same time. It is given up when the last of them went away."""

    def __init__(self) -> None:
        self._flights: dict[str, _Flight[Result]] = {}

    async def do(self, key: str, work: Coroutine[Any, Any, Result]) -> Result:
        """Return the result of the work, or of the same work that is already under way.

        Args:
            key: What makes it the same.
            work: Not begun when it is already under way.
        """
        flight = self._flights.get(key)
        if flight is None:
            flight = self._flights[key] = _Flight(asyncio.create_task(work))
            flight.task.add_done_callback(lambda _: self._forget(key, flight))
        else:
            work.close()
        flight.waiting += 1
        try:
            return await asyncio.shield(flight.task)
        finally:
            flight.waiting -= 1
            if flight.waiting == 0 and not flight.task.done():
                self._forget(key, flight)  # who comes now must not be cancelled with it
                flight.task.cancel()

    def _forget(self, key: str, flight: _Flight[Result]) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]
