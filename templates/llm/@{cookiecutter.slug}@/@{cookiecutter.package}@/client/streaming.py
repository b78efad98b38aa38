"""The answer while it is written."""

from typing import get_args

from httpx2 import ServerSentEvent
from pydantic import TypeAdapter

from ..models.answer import Question
from ..models.streaming import StreamEvent
from .operation import EventCall, StreamOperation

EVENTS: dict[str, TypeAdapter[StreamEvent]] = {
    kind.model_fields["event"].default: TypeAdapter(kind) for kind in get_args(StreamEvent)
}


def _stream_answer(question: str, *, session_id: str | None = None, model: str | None = None) -> EventCall[StreamEvent]:
    """Return the events of an answer: pieces of its text, ``Answered`` last. What fails on the way is raised."""
    body = Question(question=question, session_id=session_id, model=model)
    return EventCall(body=body, read=_read)


def _read(event: ServerSentEvent) -> StreamEvent | None:
    kind = EVENTS.get(event.event)  # a newer agent may tell more
    return kind.validate_json(event.data) if kind else None


class Streaming:
    """The main route, piece by piece."""

    stream_answer = StreamOperation("POST", "/v1/answers/stream", _stream_answer)
