"""The tasks of one run that members are at work on: given, waited for, taken back."""

import asyncio
from collections import deque
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass

from ..interfaces.mailbox import Box, Mailbox
from ..models.messages import (
    Message,
    ProjectCancelled,
    ProjectInterrupted,
    QuestionSettled,
    Reply,
    TaskAssigned,
    TaskCancelled,
    TaskCompleted,
    TaskFailed,
    TaskPaused,
    TaskPlanned,
)
from ..models.plan import StepId
from ..models.project import ProjectStatus
from ..models.spending import Spending
from ..utils.team_metrics import TeamMetrics

GRACE_SECONDS = 2.0
"""How much later than its time a member's reply may come before its task is taken back."""
SETTLING_SECONDS = 1.0
"""How long a member may take to say what a task that was taken back had used up."""
NO_REPLY = "the agent did not reply in time"


class EndedFromOutsideError(Exception):
    """Ends a run from within; never leaves the coordinator.

    Args:
        status: What the project is then.
    """

    def __init__(self, status: ProjectStatus) -> None:
        super().__init__(status)
        self.status = status


class Errands:
    """Tasks that were given and are not settled.

    Args:
        mailbox: Brings them to members.
        metrics: Counts messages.
    """

    def __init__(self, mailbox: Mailbox, metrics: TeamMetrics) -> None:
        self._mailbox = mailbox
        self._metrics = metrics
        self._given: dict[StepId, _Given] = {}
        self._put_off: deque[Message] = deque()

    def __len__(self) -> int:
        return len(self._given)

    async def give(self, assignment: TaskAssigned) -> None:
        """Give a task to its member.

        Raises:
            MailboxFullError: The member does not keep up.
        """
        deadline = asyncio.get_running_loop().time() + assignment.allotment.seconds + GRACE_SECONDS
        self._given[assignment.step_id] = _Given(assignment, deadline)
        await self._send(assignment)

    async def _send(self, message: Message) -> None:
        self._metrics.messages.labels(message.kind).inc()
        await self._mailbox.send(message)

    async def replies(self, box: Box) -> dict[StepId, Reply | None]:
        """Return the next reply to a task that was given, or what has come of those that are overdue.

        Nothing at all when a person has answered.

        Raises:
            EndedFromOutsideError: The client cancelled the project, or this process has to stop.
        """
        try:
            async with asyncio.timeout_at(min(given.deadline for given in self._given.values())):
                while True:
                    match self._put_off.popleft() if self._put_off else await box.receive():
                        case ProjectCancelled():
                            raise EndedFromOutsideError(ProjectStatus.CANCELLED)
                        case ProjectInterrupted():
                            raise EndedFromOutsideError(ProjectStatus.INTERRUPTED)
                        case QuestionSettled():
                            return {}
                        case (TaskCompleted() | TaskPlanned() | TaskPaused() | TaskFailed()) as reply if self._expects(
                            reply
                        ):
                            return {reply.step_id: reply}
        except TimeoutError:
            late = await self._take_back(box, self._overdue())
            return {name: _overdue(reply) for name, reply in late.items()}

    def _expects(self, reply: Reply) -> bool:
        given = self._given.get(reply.step_id)
        return given is not None and reply.causation_id == given.assignment.message_id

    def _overdue(self) -> list[StepId]:
        now = asyncio.get_running_loop().time()
        return [name for name, given in self._given.items() if given.deadline <= now]

    def settle(self, step_id: StepId, reply: Reply | None) -> Spending:
        """Forget a task, and return what it used up; of a member that does not say, all that it might have."""
        given = self._given.pop(step_id)
        return reply.spent if reply else given.assignment.allotment.model_copy(update={"seconds": 0.0})

    async def take_all_back(self, box: Box) -> dict[StepId, Reply | None]:
        """Take every task back; return what their members had to say, nothing of those that do not."""
        return await self._take_back(box, list(self._given))

    async def recall(self) -> None:
        """Take every task back without waiting for what their members say."""
        await self._recall(list(self._given))

    async def _take_back(self, box: Box, names: Collection[StepId]) -> dict[StepId, Reply | None]:
        """Take tasks back; return what their members replied to that, or before; nothing of those that do not."""
        await self._recall(names)
        replies: dict[StepId, Reply | None] = dict.fromkeys(names)
        unread, self._put_off = self._put_off, deque()
        with suppress(TimeoutError):
            async with asyncio.timeout(SETTLING_SECONDS):
                while None in replies.values():
                    message = unread.popleft() if unread else await box.receive()
                    if isinstance(message, Reply) and message.step_id in replies and self._expects(message):
                        replies[message.step_id] = message
                    else:
                        self._put_off.append(message)
        self._put_off += unread
        return replies

    async def _recall(self, names: Collection[StepId]) -> None:
        for assignment in [self._given[name].assignment for name in names]:
            await self._send(
                TaskCancelled(
                    project_id=assignment.project_id,
                    step_id=assignment.step_id,
                    sender=assignment.sender,
                    receiver=assignment.receiver,
                    correlation_id=assignment.correlation_id,
                    causation_id=assignment.message_id,
                )
            )


@dataclass(frozen=True)
class _Given:
    """A task at work, and when its reply is overdue, in the loop's time."""

    assignment: TaskAssigned
    deadline: float


def _overdue(reply: Reply | None) -> Reply | None:
    """Return the reply of a member that was late, which says so unless it is done all the same."""
    return reply.model_copy(update={"detail": NO_REPLY}) if isinstance(reply, TaskFailed) else reply
