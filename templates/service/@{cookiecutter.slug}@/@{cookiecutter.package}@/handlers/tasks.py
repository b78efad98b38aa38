"""Tasks: ask now, get the answer or the result of a tool later."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Query, Response

from ..models.audit import AuditEntry
from ..models.identity import Identity, Permission
from ..models.pages import DEFAULT_LIMIT, Page
from ..models.problem import Problem
from ..models.tasks import TASK_ID, IdempotencyKey, Task, TaskRequest, TaskStatus
from ..services.container import Container
from ..utils.correlation import current_correlation_id
from .exchange import ExchangeDep
from .lists import Cursor, Limit, LinesResponse, lines
from .security import ContainerDep, authenticated, require

router = APIRouter(prefix="/v1", tags=["tasks"], dependencies=[Depends(authenticated)])

PROBLEMS: dict[int | str, dict[str, object]] = {status: {"model": Problem} for status in (401, 403, 422, 429, 503)}
MISSING: dict[int | str, dict[str, object]] = {404: {"model": Problem}}
CONFLICT: dict[int | str, dict[str, object]] = {409: {"model": Problem}}
REPEATED: dict[int | str, dict[str, object]] = {
    200: {"model": Task, "description": "The key was used before: the task of that time."}
}
TaskPath = Annotated[str, Path(pattern=TASK_ID)]
Reading = Annotated[Identity, Depends(require(Permission.READ_TASKS))]
Managing = Annotated[Identity, Depends(require(Permission.MANAGE_TASKS))]


@router.post("/tasks", status_code=HTTPStatus.ACCEPTED, responses=PROBLEMS | MISSING | REPEATED)
async def submit(  # noqa: PLR0913, PLR0917  # what FastAPI hands in
    request: TaskRequest,
    identity: Annotated[Identity, Depends(require(Permission.SUBMIT))],
    exchange: ExchangeDep,
    container: ContainerDep,
    response: Response,
    idempotency_key: Annotated[
        IdempotencyKey | None, Header(description="Of your own: the same one never makes a second task.")
    ] = None,
) -> Task:
    """Submit a question, or a call of a tool, that is done later; `Location` is where the task is found."""
    task, new = await exchange.tasks.submit(request, identity, idempotency_key)
    response.headers["Location"] = f"/v1/tasks/{task.id}"
    if not new:
        response.status_code = HTTPStatus.OK
    _record(container, Permission.SUBMIT, identity, "accepted" if new else "repeated", task.id)
    return task


@router.get("/tasks", responses=PROBLEMS)
async def find(
    identity: Reading,
    exchange: ExchangeDep,
    status: Annotated[TaskStatus | None, Query()] = None,
    cursor: Cursor = "",
    limit: Limit = DEFAULT_LIMIT,
) -> Page[Task]:
    """List the caller's own tasks, or for an operator all, the newest first."""
    return await exchange.tasks.page(identity, status=status, before=cursor, limit=limit)


@router.get("/tasks/{task_id}", responses=PROBLEMS | MISSING)
async def get(task_id: TaskPath, identity: Reading, exchange: ExchangeDep) -> Task:
    """Return one task, with its answer or result when there is one."""
    return await exchange.tasks.get(task_id, identity)


@router.post("/tasks/{task_id}/retry", status_code=HTTPStatus.ACCEPTED, responses=PROBLEMS | MISSING | CONFLICT)
async def retry(task_id: TaskPath, identity: Managing, exchange: ExchangeDep, container: ContainerDep) -> Task:
    """Begin a failed task again."""
    task = await exchange.tasks.retry(task_id)
    _record(container, Permission.MANAGE_TASKS, identity, "begun again", task_id)
    return task


@router.get(
    "/exports/tasks",
    responses=PROBLEMS,
    response_class=LinesResponse,
    dependencies=[Depends(require(Permission.EXPORT))],
)
async def export(exchange: ExchangeDep) -> LinesResponse:
    """Return all tasks, one on each line, while they are read."""
    return lines(exchange.tasks.stream())


def _record(container: Container, action: Permission, identity: Identity, outcome: str, task_id: str) -> None:
    container.audit.record(
        AuditEntry(
            action=action,
            subject=identity.subject,
            outcome=outcome,
            correlation_id=current_correlation_id(),
            digest=task_id,
        )
    )
