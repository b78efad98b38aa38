"""The events of a project as a stream (server-sent events); a broken stream is taken up where it ended."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

from fastapi import APIRouter, Depends, Header
from fastapi.responses import StreamingResponse
from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event

from ..models.project_events import NumberedEvent
from ..services.container import Container
from ..services.lifecycle import State
from ..services.projects import Projects
from .projects import OF_ONE, Follower, ProjectId, ProjectsDep, of_caller
from .security import ContainerDep, authenticated

router = APIRouter(prefix="/v1/projects", tags=["projects"], dependencies=[Depends(authenticated)])

MEDIA_TYPE = "text/event-stream"
TERMINATOR = format_sse_event(event="done", data_str="{}")
HEADERS = {"X-Accel-Buffering": "no"}  # proxies pass each event on at once
STREAM: dict[int | str, dict[str, object]] = {
    200: {
        "description": "Events `status`, `plan`, `step`, `question`, `question_over` and `answer`, each with its number"
        " as id; `done` last, when nobody works on the project any more, or it waits for a person. A stream without it"
        " was cut: ask again with `Last-Event-ID`.",
        "content": {MEDIA_TYPE: {"schema": {"type": "string"}}},
    }
}
LastEventId = Annotated[int, Header(alias="Last-Event-ID", ge=0, description="The last event that you have.")]


@router.get("/{project_id}/events", responses=STREAM | OF_ONE, response_class=StreamingResponse)
async def follow(
    project_id: ProjectId,
    identity: Follower,
    container: ContainerDep,
    projects: ProjectsDep,
    last_event_id: LastEventId = 0,
) -> StreamingResponse:
    """Tell what happens in a project, from the beginning or from the last event that you have."""
    await of_caller(project_id, identity, container, projects)
    events = _encoded(container, projects, project_id, last_event_id)
    return StreamingResponse(events, media_type=MEDIA_TYPE, headers=HEADERS)


async def _encoded(
    container: Container, projects: Projects, project_id: str, after: int
) -> AsyncGenerator[bytes, None]:
    async with aclosing(projects.events(project_id, after)) as events:
        async for numbered in events:
            yield KEEPALIVE_COMMENT if numbered is None else _event(numbered)
            if container.lifecycle.state is not State.RUNNING:
                return  # the client asks another replica for the rest
    yield TERMINATOR


def _event(numbered: NumberedEvent) -> bytes:
    event, number = numbered.event, str(numbered.number)
    return format_sse_event(event=event.event, data_str=event.model_dump_json(exclude={"event"}), id=number)
