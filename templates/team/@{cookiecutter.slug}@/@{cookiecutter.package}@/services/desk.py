"""Where a member works: takes tasks from its box, works on several at once, and replies."""

import asyncio
import time
from typing import Any

import structlog
from opentelemetry import propagate, trace

from ..exceptions import AgentError
from ..exceptions.projects import MailboxFullError, PersonNeededError
from ..interfaces.mailbox import Mailbox
from ..interfaces.member import TeamMember
from ..models.messages import (
    Message,
    Reply,
    StepResult,
    TaskAssigned,
    TaskCancelled,
    TaskCompleted,
    TaskFailed,
    TaskPaused,
    TaskPlanned,
    address_of,
)
from ..models.plan import Plan
from ..models.spending import Purse
from ..utils.team_metrics import TeamMetrics
from ..utils.tenancy import bind_tenant

logger = structlog.get_logger(__name__)
tracer = trace.get_tracer(__name__)

UNEXPECTED = "An unexpected error occurred."
TAKEN_BACK = "the task was taken back"


class Desk:
    """The place of one member.

    Args:
        member: Who works here.
        mailbox: Brings tasks and takes replies.
        metrics: Counts them.
        places: Tasks that it works on at once; more wait.
    """

    def __init__(self, member: TeamMember, mailbox: Mailbox, metrics: TeamMetrics, places: int) -> None:
        self._member = member
        self._mailbox = mailbox
        self._metrics = metrics
        self._places = asyncio.Semaphore(places)
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def serve(self) -> None:
        """Work until cancelled; what is being worked on then is given up.

        A defect outside of the member costs what is at work, which is told, and not the desk.
        """
        while True:
            try:
                await self._serve()
            except Exception as error:
                logger.exception("desk_failed", agent=str(self._member.name), error_type=type(error).__name__)

    async def _serve(self) -> None:
        with self._mailbox.open(address_of(self._member.name)) as box:
            async with asyncio.TaskGroup() as tasks:
                while True:
                    self._take(await box.receive(), tasks)
                    await asyncio.sleep(
                        0
                    )  # a task begins before it can be taken back, so that it can say what it spent

    def _take(self, message: Message, tasks: asyncio.TaskGroup) -> None:
        match message:
            case TaskAssigned():
                self._begin(message, tasks)
            case TaskCancelled():
                self._give_up(message)
            case _:
                logger.warning("message_ignored", kind=message.kind, sender=message.sender)

    def _begin(self, assignment: TaskAssigned, tasks: asyncio.TaskGroup) -> None:
        task = self._tasks[assignment.message_id] = tasks.create_task(self._work(assignment))
        task.add_done_callback(lambda _: self._tasks.pop(assignment.message_id, None))

    def _give_up(self, message: TaskCancelled) -> None:
        task = self._tasks.get(message.causation_id or "")
        if task is not None:
            task.cancel()

    async def _work(self, assignment: TaskAssigned) -> None:
        name, started, purse = self._member.name, time.perf_counter(), Purse(assignment.allotment)
        about = {"project_id": assignment.project_id, "step_id": assignment.step_id, "agent": str(name)}
        parent = propagate.extract({"traceparent": assignment.traceparent or ""})
        structlog.contextvars.bind_contextvars(
            correlation_id=assignment.correlation_id, subject=assignment.owner, **about
        )  # the task has a context of its own
        bind_tenant(assignment.tenant)
        try:
            async with self._places:
                with tracer.start_as_current_span("team.step", parent, attributes=about):
                    reply = await self._reply(assignment, purse)
        except asyncio.CancelledError:
            await self._send(_failed(assignment, purse, "CancelledError", TAKEN_BACK))
            raise
        self._metrics.step_duration.labels(name).observe(time.perf_counter() - started)
        await self._send(reply)

    async def _send(self, reply: Reply) -> None:
        self._metrics.messages.labels(reply.kind).inc()
        try:
            await self._mailbox.send(reply)
        except MailboxFullError as error:  # who waits for it has a deadline; the desk goes on
            logger.warning("reply_lost", detail=str(error))

    async def _reply(self, assignment: TaskAssigned, purse: Purse) -> Reply:
        try:
            result = await self._member.work(assignment, purse)
        except PersonNeededError as error:
            return TaskPaused(**_replying(assignment), pause=error.pause, spent=purse.spent)
        except AgentError as error:
            logger.warning("step_failed", error_type=type(error).__name__, detail=str(error))
            return _failed(assignment, purse, type(error).__name__, str(error))
        except Exception as error:  # a defect in one member must not end the project
            logger.exception("step_crashed", error_type=type(error).__name__)
            return _failed(assignment, purse, type(error).__name__, UNEXPECTED)
        return _completed(assignment, purse, result)


def _completed(assignment: TaskAssigned, purse: Purse, result: StepResult | Plan) -> TaskCompleted | TaskPlanned:
    if isinstance(result, Plan):
        return TaskPlanned(**_replying(assignment), plan=result, spent=purse.spent)
    return TaskCompleted(**_replying(assignment), result=result, spent=purse.spent)


def _failed(assignment: TaskAssigned, purse: Purse, error_type: str, detail: str) -> TaskFailed:
    return TaskFailed(**_replying(assignment), error_type=error_type, detail=detail, spent=purse.spent)


def _replying(assignment: TaskAssigned) -> dict[str, Any]:
    return {
        "project_id": assignment.project_id,
        "step_id": assignment.step_id,
        "sender": assignment.receiver,
        "receiver": assignment.sender,
        "correlation_id": assignment.correlation_id,
        "causation_id": assignment.message_id,
    }
