"""The main route as a stream: the answer while it is written (server-sent events)."""

import hashlib
from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import partial
from typing import Annotated

import structlog
from fastapi import APIRouter, Depends
from fastapi.responses import StreamingResponse
from fastapi.sse import format_sse_event

from ..exceptions import AgentError, AuditError, ConfigurationError
from ..interfaces.streaming import StreamingAgent
from ..models.answer import Question
from ..models.audit import AuditEntry
from ..models.identity import Identity, Permission
from ..models.streaming import Answered, StreamEvent
from ..services.container import Container
from ..services.history import recall
from ..utils.correlation import current_correlation_id
from .answers import PROBLEMS, check_model
from .errors import error_response
from .security import ContainerDep, authenticated, require

logger = structlog.get_logger(__name__)

router = APIRouter(prefix="/v1", tags=["answers"], dependencies=[Depends(authenticated)])

MEDIA_TYPE = "text/event-stream"
TERMINATOR = format_sse_event(event="done", data_str="{}")
HEADERS = {"X-Accel-Buffering": "no"}  # proxies pass each event on at once
STREAM: dict[int | str, dict[str, object]] = {
    200: {
        "description": "Events `tool`, `delta`, `restart`, then `answer` or `error` (a problem), always `done` last.",
        "content": {MEDIA_TYPE: {"schema": {"type": "string"}}},
    }
}


@router.post("/answers/stream", responses=STREAM | PROBLEMS, response_class=StreamingResponse)
async def stream(
    question: Question,
    identity: Annotated[Identity, Depends(require(Permission.ASK))],
    container: ContainerDep,
) -> StreamingResponse:
    """Answer a question piece by piece. What fails before the first event is a plain problem answer."""
    if question.session_id is not None:
        structlog.contextvars.bind_contextvars(session_id=question.session_id)
    events = _audited(container, identity, question)
    first = await anext(events)
    return StreamingResponse(_encoded(container, first, events), media_type=MEDIA_TYPE, headers=HEADERS)


async def _audited(container: Container, identity: Identity, question: Question) -> AsyncGenerator[StreamEvent, None]:
    """Return the events; how it ended is written down before the answer leaves."""
    record = partial(_record, container, identity, question)
    try:
        check_model(question, container.agent)
        history = await recall(container.sessions, identity.subject, question, container.settings.limits)
        async with aclosing(streaming_agent(container).stream(question, history)) as events:
            async for event in events:
                yield await _kept(container, identity, question, event) if isinstance(event, Answered) else event
    except AuditError:
        raise  # there is nothing to write it to
    except GeneratorExit:
        record("aborted")
        raise
    except Exception as error:
        record(f"failed: {type(error).__name__}")
        raise


async def _kept(container: Container, identity: Identity, question: Question, event: Answered) -> Answered:
    answer = await container.sessions.remember(identity.subject, question, event.answer, current_correlation_id())
    _record(container, identity, question, "degraded" if answer.degraded else "answered")
    return Answered(answer=answer)


def _record(container: Container, identity: Identity, question: Question, outcome: str) -> None:
    container.audit.record(
        AuditEntry(
            action=Permission.ASK,
            subject=identity.subject,
            outcome=outcome,
            correlation_id=current_correlation_id(),
            digest=hashlib.sha256(question.question.encode()).hexdigest(),
        )
    )


async def _encoded(
    container: Container, first: StreamEvent, events: AsyncGenerator[StreamEvent, None]
) -> AsyncGenerator[bytes, None]:
    async with aclosing(events):
        try:
            yield _event(first)
            async for event in events:
                yield _event(event)
        except Exception as error:  # the answer has begun: an event tells the client
            container.metrics.errors.labels(type(error).__name__).inc()
            if isinstance(error, AgentError):
                logger.warning("stream_failed", error_type=type(error).__name__, detail=str(error))
            else:
                logger.exception("stream_crashed", error_type=type(error).__name__)
            yield _problem(error)
        yield TERMINATOR


def _event(event: StreamEvent) -> bytes:
    return format_sse_event(event=event.event, data_str=event.model_dump_json(exclude={"event"}))


def _problem(error: Exception) -> bytes:
    return format_sse_event(event="error", data_str=bytes(error_response(error).body).decode())


def streaming_agent(container: Container) -> StreamingAgent:
    """Return the agent as one that streams.

    Raises:
        ConfigurationError: It does not.
    """
    if isinstance(container.agent, StreamingAgent):
        return container.agent
    message = "this agent does not stream"
    raise ConfigurationError(message)
