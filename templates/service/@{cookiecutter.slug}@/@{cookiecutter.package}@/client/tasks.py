"""Questions that are answered later, and questions to several agents."""

import uuid

from httpx2 import ServerSentEvent
from pydantic import JsonValue

from ..models.gathering import Gathered, GatherRequest
from ..models.pages import Page
from ..models.tasks import Task, TaskRequest, TaskStatus
from .operation import Call, EventCall, Operation, StreamOperation


def _submit_task(
    question: str | None = None,
    *,
    tool: str | None = None,
    arguments: dict[str, JsonValue] | None = None,
    idempotency_key: str | None = None,
) -> Call[Task]:
    """Submit a question or a call of a tool; one key never makes two tasks, without one the client takes its own."""
    return Call(
        body=TaskRequest(question=question, tool=tool, arguments=arguments or {}),
        headers={"Idempotency-Key": idempotency_key or uuid.uuid4().hex},
        read=Task.model_validate_json,
        repeatable=True,
    )


def _find_tasks(*, status: TaskStatus | None = None, cursor: str = "", limit: int | None = None) -> Call[Page[Task]]:
    """Return a page of tasks, the newest first: the caller's own, or for an operator all."""
    return Call(
        query={"status": status, "cursor": cursor or None, "limit": limit},
        read=Page[Task].model_validate_json,
        repeatable=True,
    )


def _get_task(task_id: str) -> Call[Task]:
    """Return one task, with its answer when there is one."""
    return Call(parts={"task_id": task_id}, read=Task.model_validate_json, repeatable=True)


def _retry_task(task_id: str) -> Call[Task]:
    """Begin a failed task again."""
    return Call(parts={"task_id": task_id}, read=Task.model_validate_json)


def _export_tasks() -> EventCall[Task]:
    """Return all tasks while they are read."""
    return EventCall(read=_task, last=None, repeatable=True)


def _task(line: ServerSentEvent) -> Task:
    return Task.model_validate_json(line.data)


def _gather(request: GatherRequest) -> Call[Gathered]:
    """Ask several agents at once."""
    return Call(body=request, read=Gathered.model_validate_json)


class Tasks:
    """Work that takes longer than a request."""

    submit_task = Operation("POST", "/v1/tasks", _submit_task)
    find_tasks = Operation("GET", "/v1/tasks", _find_tasks)
    get_task = Operation("GET", "/v1/tasks/{task_id}", _get_task)
    retry_task = Operation("POST", "/v1/tasks/{task_id}/retry", _retry_task)
    export_tasks = StreamOperation("GET", "/v1/exports/tasks", _export_tasks)
    gather = Operation("POST", "/v1/gather", _gather)
