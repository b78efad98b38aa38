"""Tasks: accepted at once, done later."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from opentelemetry import propagate
from pydantic import JsonValue

from ..exceptions import (
    AgentError,
    DependencyUnavailableError,
    InvalidInputError,
    OverloadedError,
    PermissionDeniedError,
)
from ..exceptions.exchange import NotFoundError
from ..exceptions.messaging import RefusedMessageError
from ..interfaces.agent import Agent
from ..interfaces.audit import AuditTrail
from ..interfaces.queue import MessageQueue
from ..interfaces.work import MessageHandler
from ..models.answer import Answer, Question
from ..models.audit import AuditEntry
from ..models.events import Event, EventType
from ..models.identity import Identity, Permission
from ..models.messages import TENANT_HEADER, Message
from ..models.pages import Page
from ..models.tasks import ANSWERING, Change, Order, Task, TaskRequest, TaskStatus
from ..utils.correlation import current_correlation_id
from ..utils.metrics import Metrics
from ..utils.tenancy import bind_tenant, current_tenant, every_tenant
from .announcing import Announcer
from .task_records import Lost, TaskRecords
from .tools import ToolCaller, ToolRegistry
from .workers import WorkPolicy

logger = structlog.get_logger(__name__)

QUEUED_AT_MOST = timedelta(minutes=15)
"""After this a queued task counts as lost, and its message is sent again; a second one does no harm."""
SENT_AGAIN_AFTER = timedelta(seconds=30)
"""So soon it is tried again when the queue cannot be reached."""


class TaskService:
    """Accepts tasks and tells how they stand.

    The store holds the tasks, the queue only says which ones to work on: a task whose message is lost is found again.

    Args:
        records: Where they are.
        queue: Takes their messages.
        announcer: Tells every change.
        backlog: The most unfinished ones, of all replicas together; about so many, for they are counted now and then.
        tools: What tasks may call.
    """

    def __init__(
        self, records: TaskRecords, queue: MessageQueue, announcer: Announcer, backlog: int, tools: ToolRegistry[Any]
    ) -> None:
        self._records = records
        self._tools = tools
        self._queue = queue
        self._announcer = announcer
        self._backlog = backlog
        self._unfinished = 0

    async def submit(self, request: TaskRequest, identity: Identity, key: str | None) -> tuple[Task, bool]:
        """Accept a task; return it, and whether it is new: the same key never makes a second one.

        Raises:
            NotFoundError: There is no such tool for tasks.
            PermissionDeniedError: The caller may not call it.
            InvalidInputError: Its arguments do not fit.
            IdempotencyError: The key was used for another request.
            OverloadedError: As many tasks as allowed are unfinished.
        """
        wanted = self._wanted(request, identity)
        if self._unfinished >= self._backlog:
            message = "As many tasks as allowed are waiting."
            raise OverloadedError(message)
        task, new = await self._records.add(wanted, identity.subject, key, _queued_until())
        if new:
            self._unfinished += 1
            await announce(self._announcer, task, None)  # before anybody can begin with it
            await self._send(task.id, 1, current_correlation_id())
        return task, new

    def _wanted(self, request: TaskRequest, identity: Identity) -> Question | Order:
        """Return what the worker gets to do, checked."""
        if request.question is not None:
            return Question(question=request.question)
        tool = request.tool or ANSWERING
        self._tools.check_order(tool, request.arguments, identity)
        if tool == ANSWERING:
            return Question.model_validate(request.arguments)
        return Order(tool=tool, arguments=request.arguments, roles=identity.roles)

    async def get(self, task_id: str, identity: Identity) -> Task:
        """Return a task of the caller's own, or for who manages tasks anybody's.

        Raises:
            NotFoundError: There is none that the caller may see.
        """
        task = await self._records.get(task_id)
        if task.submitted_by != identity.subject and not identity.may(Permission.MANAGE_TASKS):
            message = f"There is no task {task_id}."
            raise NotFoundError(message)
        return task

    async def page(self, identity: Identity, *, status: TaskStatus | None, before: str, limit: int) -> Page[Task]:
        """Return a page of the tasks that the caller may see, the newest first."""
        subject = None if identity.may(Permission.MANAGE_TASKS) else identity.subject
        return await self._records.page(subject=subject, status=status, before=before, limit=limit)

    def stream(self) -> AsyncIterator[Sequence[Task]]:
        """Yield all tasks in batches."""
        return self._records.stream()

    async def retry(self, task_id: str) -> Task:
        """Begin a failed task again.

        Raises:
            NotFoundError: There is none.
            ConflictError: It has not failed.
        """
        task = await self._records.revive(task_id, _queued_until())
        await announce(self._announcer, task, TaskStatus.FAILED)
        await self._send(task.id, 1, current_correlation_id())
        return task

    async def count_unfinished(self) -> None:
        """Find out how many tasks are unfinished."""
        with every_tenant():
            self._unfinished = await self._records.count_unfinished()

    async def recover(self, *, at_start: bool = False) -> None:
        """Send the messages of lost tasks again; at the start, of all when the queue did not outlive the process."""
        everything, due_at = at_start and not self._queue.durable, _queued_until()
        while lost := await self._lost(due_at, all_queued=everything):
            for task in lost:
                bind_tenant(task.tenant)
                logger.warning("task_recovered", task_id=task.id)
                await self._send(task.id, task.attempts + 1, task.correlation_id)

    async def _lost(self, due_at: datetime, *, all_queued: bool) -> Sequence[Lost]:
        with every_tenant():
            return await self._records.lost(due_at, all_queued=all_queued)

    async def _send(self, task_id: str, attempt: int, correlation_id: str) -> None:
        headers = {TENANT_HEADER: current_tenant()}
        propagate.inject(headers)
        message = Message(body={"task_id": task_id}, attempt=attempt, correlation_id=correlation_id, headers=headers)
        try:
            await self._queue.send(message)
        except DependencyUnavailableError:
            logger.warning("task_not_sent", task_id=task_id)
            await self._records.hurry(task_id, datetime.now(UTC) + SENT_AGAIN_AFTER)  # it is kept, and found again


class TaskHandler(MessageHandler):
    """Lets the agent answer questions, and calls tools.

    Args:
        records: Where the tasks are.
        agent: Answers.
        tools: Calls tools.
        policy: How long one attempt may take, and when the next one follows.
        announcer: Tells every change.
        audit: Where it is written down how each one ended.
        metrics: Where the time that tasks took is kept.
    """

    def __init__(  # noqa: PLR0913  # a worker's parts
        self,
        *,
        records: TaskRecords,
        agent: Agent,
        tools: ToolCaller[Any],
        policy: WorkPolicy,
        announcer: Announcer,
        audit: AuditTrail,
        metrics: Metrics,
    ) -> None:
        self._records = records
        self._agent = agent
        self._tools = tools
        self._policy = policy
        self._announcer = announcer
        self._audit = audit
        self._metrics = metrics

    async def handle(self, message: Message) -> None:
        """Do the task that the message names, unless that was done already."""
        until = datetime.now(UTC) + timedelta(seconds=2 * self._policy.timeout)
        work = await self._records.claim(_task_id(message), message.delivery, until)
        if work is None:
            logger.info("task_not_free")
            return
        await announce(self._announcer, work.task, work.before)
        match work.wanted:
            case Question() as question:
                came: Answer | JsonValue = await self._answer(question)
            case Order() as order:
                came = await self._call(order, work.task.submitted_by)
        await self._ended(await self._records.succeed(work.task.id, came))

    async def delayed(self, message: Message, error: Exception) -> None:
        """Put the task back until its next attempt."""
        due_at = _queued_until() + timedelta(seconds=self._policy.delay(message.attempt))
        change = await self._records.postpone(_task_id(message), message.delivery, _told(error), due_at)
        if change is not None:
            await announce(self._announcer, change.task, change.before)

    async def given_up(self, message: Message, error: Exception) -> None:
        """Let the task fail."""
        await self._ended(await self._records.fail(_task_id(message), message.delivery, _told(error)))

    async def _answer(self, question: Question) -> Answer:
        answer = await self._agent.answer(question)
        if answer.degraded:
            message = "The model could not be reached."
            raise DependencyUnavailableError(message)  # a task has time: a later attempt may do better
        return answer

    async def _call(self, order: Order, subject: str) -> JsonValue:
        """Call a tool for who ordered it, as that was allowed then."""
        identity = Identity(subject, order.roles, current_tenant())
        try:
            return (await self._tools.call(order.tool, order.arguments, identity)).result
        except (NotFoundError, PermissionDeniedError) as error:  # since it was ordered; trying again does not help
            raise RefusedMessageError(str(error)) from error

    async def _ended(self, change: Change | None) -> None:
        if change is None:
            return  # somebody else was first
        task = change.task
        self._metrics.task_seconds.labels(task.status).observe((task.updated_at - task.created_at).total_seconds())
        self._audit.record(
            AuditEntry(
                action="tasks:work",
                subject=task.submitted_by,
                outcome=task.status,
                correlation_id=current_correlation_id(),
                digest=task.id,
            )
        )
        await announce(self._announcer, task, change.before)


async def announce(announcer: Announcer, task: Task, before: TaskStatus | None) -> None:
    """Tell that a task's status changed."""
    data = {"task_id": task.id, "old_status": before and str(before), "new_status": str(task.status)}
    event = Event(
        type=EventType.TASK_STATUS_CHANGED, subject=f"tasks/{task.id}", data={**data, "attempts": task.attempts}
    )
    await announcer.tell(event)


def _queued_until() -> datetime:
    return datetime.now(UTC) + QUEUED_AT_MOST


def _task_id(message: Message) -> str:
    task_id = message.body.get("task_id")
    if not isinstance(task_id, str):
        text = "The message names no task."
        raise InvalidInputError(text)
    return task_id


def _told(error: Exception) -> str:
    return str(error) if isinstance(error, AgentError) else "An unexpected error occurred."
