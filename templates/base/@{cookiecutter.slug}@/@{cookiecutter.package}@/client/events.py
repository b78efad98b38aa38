"""Reading a stream: what comes, whether it was cut, and how it is taken up again."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Generic, TypeVar

import httpx2
from httpx2 import ServerSentEvent
from pydantic import ValidationError

from ..exceptions.client import ClientError, NoAnswerError, UnreadableAnswerError
from ..models.problem import Problem
from .operation import EventCall
from .requests import problem_error

Item = TypeVar("Item")

CUTS = 5
"""A stream that is cut so often without any event in between is given up."""


def is_events(response: httpx2.Response) -> bool:
    """Tell whether it is a stream of events, and not one of lines."""
    return str(response.headers.get("content-type", "")).startswith("text/event-stream")


class Reading(Generic[Item]):
    """One stream, over all requests that it takes.

    Args:
        call: What is asked for; :attr:`call` is what to ask for next.
    """

    def __init__(self, call: EventCall[Item]) -> None:
        self.call = call
        self._ended = False
        self._cuts = 0

    def ended(self) -> bool:
        """Tell whether everything has come."""
        return self._ended

    def take(self, event: ServerSentEvent) -> Iterator[Item]:
        """Yield what an event is to the caller, if anything.

        Raises:
            ProblemError: The event says that the work failed.
            UnreadableAnswerError: It is none of this API.
        """
        self._cuts = 0
        if self.call.resumable and event.id:
            self.call = replace(self.call, headers={**self.call.headers, "Last-Event-ID": event.id})
        try:
            if event.event == "error":
                raise problem_error(Problem.model_validate_json(event.data))
            self._ended = event.event == self.call.last
            item = None if self._ended else self.call.read(event)
        except ValidationError as error:
            message = f"An event cannot be read: {event.event}, {error.error_count()} errors."
            raise UnreadableAnswerError(message) from error
        if item is not None:
            yield item

    def over(self, error: ClientError | None = None) -> None:
        """Take note that no more events come on this connection.

        Raises:
            NoAnswerError: The stream was cut and cannot be taken up again.
        """
        if error is None and self.call.last is None:
            self._ended = True
        if self._ended:
            return
        self._cuts += 1
        if not self.call.resumable or self._cuts >= CUTS:
            message = "The stream was cut before its end."
            raise NoAnswerError(message) from error
