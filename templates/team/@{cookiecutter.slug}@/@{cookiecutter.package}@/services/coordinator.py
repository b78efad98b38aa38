"""Runs one project from end to end: has it planned, gives the steps to the members, and keeps what they come to."""

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import structlog
from opentelemetry import propagate

from ..config.agent_limits import AgentLimits
from ..exceptions.projects import BudgetUsedUpError
from ..interfaces.audit import AuditTrail
from ..interfaces.mailbox import Box, Mailbox
from ..interfaces.project_store import ProjectStore
from ..models.audit import AuditEntry
from ..models.messages import (
    Message,
    ProjectCancelled,
    ProjectInterrupted,
    Reply,
    TaskAssigned,
    TaskCancelled,
    TaskCompleted,
    TaskFailed,
    address_of,
    project_address,
)
from ..models.plan import Plan, PlanStep, StepId
from ..models.project import Project, ProjectStatus
from ..models.spending import Spending
from ..models.team import TeamRole
from ..utils.metrics import Metrics
from . import scheduling
from .planning import default_plan
from .project_budget import Weights, project_total
from .project_ledger import ProjectLedger
from .signals import Signals

logger = structlog.get_logger(__name__)

PLANNING = "plan"
GRACE_SECONDS = 2.0
"""How much later than its time a member's reply may come before it counts as lost."""
NO_REPLY = "the agent did not reply in time"


@dataclass(frozen=True, kw_only=True)
class Office:
    """What all runs share."""

    store: ProjectStore
    mailbox: Mailbox
    audit: AuditTrail
    metrics: Metrics
    signals: Signals
    limits: AgentLimits
    weights: Weights


class EndedFromOutsideError(Exception):
    """Ends a run from within; never leaves this module.

    Args:
        status: What the project is then.
    """

    def __init__(self, status: ProjectStatus) -> None:
        super().__init__(status)
        self.status = status


class Coordinator:
    """One run of one project.

    Args:
        project: Kept, leased under ``token``, and ready to run.
        token: Names the lease.
        office: What all runs share.
    """

    def __init__(self, project: Project, token: str, office: Office) -> None:
        self._office = office
        self._token = token
        self._ledger = ProjectLedger(project, project_total(office.limits), office.weights, office.metrics)
        self._running: dict[StepId, _Given] = {}

    async def run(self) -> ProjectStatus:
        """Work on the project until it is over or interrupted; return which. Every step is kept as soon as it is over.

        Raises:
            LeaseLostError: Another process works on it.
            StoreError, AuditError: It could not be kept or recorded; it can be resumed.
        """
        with self._office.mailbox.open(project_address(self._ledger.project.id)) as box:
            try:
                await self._plan(box)
                await self._steps(box)
                status = scheduling.outcome(self._ledger.project)
            except EndedFromOutsideError as error:
                status = error.status
            finally:
                await self._take_back(self._running)
            return status if status is ProjectStatus.INTERRUPTED else await self._end(status)

    async def cancel(self) -> ProjectStatus:
        """End the project without working on it."""
        return await self._end(ProjectStatus.CANCELLED)

    async def _plan(self, box: Box) -> None:
        if self._ledger.project.plan is not None:
            return
        await self._save()
        plan = await self._made_plan(box)
        goal = self._ledger.project.goal
        self._ledger.planned(plan or default_plan(goal), by_default=plan is None)

    async def _made_plan(self, box: Box) -> Plan | None:
        """Return the coordination's plan; nothing when it made none."""
        try:
            allotment = self._ledger.allot_planning(PLANNING)
        except BudgetUsedUpError:
            return None
        await self._give(self._assignment(PLANNING, TeamRole.COORDINATION, self._ledger.project.goal, allotment))
        reply = await self._reply(box)
        self._settle(PLANNING, reply)
        return Plan.model_validate_json(reply.result.text) if isinstance(reply, TaskCompleted) else None

    async def _steps(self, box: Box) -> None:
        while True:
            begun = self._begin()
            await self._save()
            for assignment in begun:
                await self._give(assignment)
            if not self._running:
                return
            reply = await self._reply(box)
            for step in self._answered(reply):
                self._note(step, reply)

    def _begin(self) -> list[TaskAssigned]:
        """Begin as many steps as may run at once; skip those that nothing is left for."""
        begun: list[TaskAssigned] = []
        self._ledger.skip_hopeless()
        while waiting := scheduling.ready(self._ledger.project):
            busy = len(self._running) + len(begun)
            if busy >= self._office.limits.max_parallel_steps:
                break
            try:
                begun.append(self._task(waiting[0]))
            except BudgetUsedUpError as error:
                if busy:
                    break  # those at work may leave something over
                self._ledger.skip(waiting[0], error)
                self._ledger.skip_hopeless()
        return begun

    def _task(self, step: PlanStep) -> TaskAssigned:
        project = self._ledger.project
        allotment = self._ledger.begin(step)
        plain = self._assignment(step.id, step.role, step.task, allotment)
        return plain.model_copy(
            update={
                "inputs": scheduling.inputs(project, step),
                "missing": scheduling.missing_inputs(project, step),
            }
        )

    def _assignment(self, step_id: StepId, role: TeamRole, task: str, allotment: Spending) -> TaskAssigned:
        project, carrier = self._ledger.project, dict[str, str]()
        propagate.inject(carrier)
        return TaskAssigned(
            project_id=project.id,
            step_id=step_id,
            sender=project_address(project.id),
            receiver=address_of(role),
            correlation_id=project.correlation_id,
            traceparent=carrier.get("traceparent"),
            owner=project.owner,
            task=task,
            allotment=allotment,
        )

    async def _give(self, assignment: TaskAssigned) -> None:
        deadline = asyncio.get_running_loop().time() + assignment.allotment.seconds + GRACE_SECONDS
        self._running[assignment.step_id] = _Given(assignment, deadline)
        await self._send(assignment)

    async def _send(self, message: Message) -> None:
        self._office.metrics.messages.labels(message.kind).inc()
        await self._office.mailbox.send(message)

    async def _reply(self, box: Box) -> Reply | None:
        """Return the next reply to a task that was given; nothing when one is overdue.

        Raises:
            EndedFromOutsideError: The client cancelled the project, or this process has to stop.
        """
        try:
            async with asyncio.timeout_at(min(given.deadline for given in self._running.values())):
                while True:
                    match await box.receive():
                        case ProjectCancelled():
                            raise EndedFromOutsideError(ProjectStatus.CANCELLED)
                        case ProjectInterrupted():
                            raise EndedFromOutsideError(ProjectStatus.INTERRUPTED)
                        case (TaskCompleted() | TaskFailed()) as reply if self._expects(reply):
                            return reply
        except TimeoutError:
            await self._take_back(self._overdue())
            return None

    def _expects(self, reply: Reply) -> bool:
        given = self._running.get(reply.step_id)
        return given is not None and reply.causation_id == given.assignment.message_id

    def _answered(self, reply: Reply | None) -> list[PlanStep]:
        """Return the steps that are over: the one that was replied to, or those that are overdue."""
        over = [reply.step_id] if reply else self._overdue()
        return [step for step in self._ledger.project.plan or () if step.id in over]

    def _overdue(self) -> dict[StepId, "_Given"]:
        now = asyncio.get_running_loop().time()
        return {name: given for name, given in self._running.items() if given.deadline <= now}

    def _note(self, step: PlanStep, reply: Reply | None) -> None:
        self._settle(step.id, reply)
        if isinstance(reply, TaskCompleted):
            self._ledger.done(step, reply.result, reply.spent)
        else:
            self._ledger.failed(step, reply.detail if reply else NO_REPLY, reply.spent if reply else Spending())

    def _settle(self, step_id: StepId, reply: Reply | None) -> None:
        del self._running[step_id]
        self._ledger.settle(step_id, reply.spent if reply else Spending())

    async def _take_back(self, given: Mapping[StepId, "_Given"]) -> None:
        for one in list(given.values()):
            assignment = one.assignment
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

    async def _end(self, status: ProjectStatus) -> ProjectStatus:
        if status is ProjectStatus.CANCELLED:
            self._ledger.cancel()
        self._ledger.end(status)
        project = self._ledger.project
        self._office.audit.record(
            AuditEntry(
                action="projects:run",
                subject=project.owner,
                outcome=status,
                correlation_id=project.correlation_id,
                digest=hashlib.sha256(project.goal.encode()).hexdigest(),
            )
        )
        await self._save()
        self._office.metrics.projects.labels(status).inc()
        self._office.metrics.project_duration.labels(status).observe(self._ledger.seconds)
        logger.info("project_ended", status=status, runs=project.runs, **project.spent.model_dump(mode="json"))
        return status

    async def _save(self) -> None:
        progress = self._ledger.progress()
        await self._office.store.save(progress, self._token, self._office.limits.project_lease)
        self._office.signals.notify(progress.project.id)


@dataclass(frozen=True)
class _Given:
    """A task at work, and when its reply is overdue, in the loop's time."""

    assignment: TaskAssigned
    deadline: float
