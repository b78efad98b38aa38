"""Projects of the team."""

import json
import uuid
from typing import get_args

from httpx2 import ServerSentEvent
from pydantic import TypeAdapter

from ..models.project import ProjectRequest, ProjectView
from ..models.project_events import PROJECT_EVENTS, NumberedEvent, ProjectEvent
from .operation import Call, EventCall, Operation, StreamOperation

VIEWS: TypeAdapter[list[ProjectView]] = TypeAdapter(list[ProjectView])
KNOWN = frozenset(kind.model_fields["event"].default for kind in get_args(get_args(ProjectEvent)[0]))


def _start_project(goal: str, *, wait: int | None = None, idempotency_key: str | None = None) -> Call[ProjectView]:
    """Begin a project; wait up to so many seconds for its end. The same key begins one project only."""
    return Call(
        body=ProjectRequest(goal=goal),
        headers={
            "Prefer": None if wait is None else f"wait={wait}",
            "Idempotency-Key": idempotency_key or uuid.uuid4().hex,
        },
        read=ProjectView.model_validate_json,
        repeatable=True,
    )


def _newest_projects(*, limit: int | None = None) -> Call[list[ProjectView]]:
    """Return the caller's own projects, the newest first."""
    return Call(query={"limit": limit}, read=VIEWS.validate_json, repeatable=True)


def _look_at_project(project_id: str) -> Call[ProjectView]:
    """Tell how far a project has come."""
    return Call(parts={"project_id": project_id}, read=ProjectView.model_validate_json, repeatable=True)


def _follow_project(project_id: str, *, last_event_id: int | None = None) -> EventCall[NumberedEvent]:
    """Tell what happens in a project, until nobody works on it any more; a stream that is cut is taken up again."""
    return EventCall(
        parts={"project_id": project_id},
        headers={"Last-Event-ID": last_event_id},
        read=_event,
        resumable=True,
        repeatable=True,
    )


def _event(event: ServerSentEvent) -> NumberedEvent | None:
    if event.event not in KNOWN:
        return None  # a newer team may tell more
    told = PROJECT_EVENTS.validate_python({**json.loads(event.data), "event": event.event})
    return NumberedEvent(number=int(event.id), event=told)


def _cancel_project(project_id: str) -> Call[ProjectView]:
    """Stop working on a project; what is done stays done."""
    return Call(parts={"project_id": project_id}, read=ProjectView.model_validate_json)


def _resume_project(project_id: str) -> Call[ProjectView]:
    """Go on with a project that was interrupted or cancelled, or try again what failed."""
    return Call(parts={"project_id": project_id}, read=ProjectView.model_validate_json)


class Projects:
    """What the team works on."""

    start_project = Operation("POST", "/v1/projects", _start_project)
    newest_projects = Operation("GET", "/v1/projects", _newest_projects)
    look_at_project = Operation("GET", "/v1/projects/{project_id}", _look_at_project)
    follow_project = StreamOperation("GET", "/v1/projects/{project_id}/events", _follow_project)
    cancel_project = Operation("POST", "/v1/projects/{project_id}/cancel", _cancel_project)
    resume_project = Operation("POST", "/v1/projects/{project_id}/resume", _resume_project)
