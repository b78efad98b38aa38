"""Runs one project from end to end: has it planned, gives the steps to the members, and keeps what they come to."""

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from opentelemetry import propagate

from ..config.agent_limits import AgentLimits
from ..exceptions import StoreError
from ..exceptions.projects import BudgetUsedUpError, LeaseLostError
from ..interfaces.audit import AuditTrail
from ..interfaces.mailbox import Box, Mailbox
from ..interfaces.project_store import ProjectStore
from ..interfaces.question_store import QuestionStore
from ..models.audit import AuditEntry
from ..models.messages import (
    Reply,
    TaskAssigned,
    TaskCompleted,
    TaskFailed,
    TaskPaused,
    TaskPlanned,
    address_of,
    project_address,
)
from ..models.plan import PLANNING, PlanStep, StepId
from ..models.project import Project, ProjectStatus, StepStatus
from ..models.questions import Question, QuestionStatus
from ..models.spending import Spending
from ..models.team import MemberName, TeamRole
from ..utils.metrics import Metrics
from . import scheduling
from .errands import NO_REPLY, EndedFromOutsideError, Errands
from .planning import default_plan
from .project_budget import Weights, project_total
from .project_ledger import UNANSWERED, ProjectLedger
from .signals import Signals
from .token_quotas import TokenQuotas

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Office:
    """What all runs share. ``teams`` says whom each lead may give steps to, ``weights`` how budgets are split."""

    store: ProjectStore
    questions: QuestionStore
    mailbox: Mailbox
    audit: AuditTrail
    metrics: Metrics
    signals: Signals
    limits: AgentLimits
    quotas: TokenQuotas
    weights: Weights
    teams: Mapping[MemberName, tuple[MemberName, ...]]


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
        self._errands = Errands(office.mailbox, office.metrics)

    async def run(self) -> ProjectStatus:
        """Work on the project until it is over, waits for a person, or is interrupted; return which.

        Every step is kept as soon as it is over.

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
                await self._wind_up(box)
                status = error.status
            finally:
                await self._errands.recall()
            if status is not ProjectStatus.INTERRUPTED:
                return await self._end(status)
            with suppress(LeaseLostError, StoreError):  # what was used up counts in the next run
                await self._save()
            return status

    async def cancel(self) -> ProjectStatus:
        """End the project without working on it."""
        return await self._end(ProjectStatus.CANCELLED)

    async def _plan(self, box: Box) -> None:
        """See to it that there is a plan, unless a person has to answer first."""
        while self._ledger.project.plan is None:
            await self._take_answers()
            await self._save()
            if self._ledger.asking():
                return
            reply = await self._planning(box)
            if isinstance(reply, TaskPlanned):
                self._ledger.planned(reply.plan, by_default=False)
            elif not isinstance(reply, TaskPaused) or not self._ask(self._ledger.planning(), reply):
                usual = default_plan(self._ledger.project.goal, self._office.teams[TeamRole.COORDINATION])
                self._ledger.planned(usual, by_default=True)

    async def _planning(self, box: Box) -> Reply | None:
        """Return what the coordination comes to; nothing when there is no budget for it, or no reply."""
        state = self._ledger.project.state(PLANNING)
        if state.status is StepStatus.FAILED:
            return None
        try:
            allotment = self._ledger.begin_planning()
        except BudgetUsedUpError:
            return None
        assignment = self._assignment(self._ledger.planning(), allotment)
        await self._errands.give(assignment)
        while not (replies := await self._errands.replies(box)):
            pass  # a person answered another question
        reply = replies[PLANNING]
        self._settle(PLANNING, reply)
        return reply

    async def _steps(self, box: Box) -> None:
        while self._ledger.project.plan is not None:
            await self._take_answers()
            begun = self._begin()
            await self._save()
            for assignment in begun:
                await self._errands.give(assignment)
            if not self._errands:
                return
            replies = await self._errands.replies(box)
            for step in self._ledger.project.plan:
                if step.id in replies:
                    self._note(step, replies[step.id])

    def _begin(self) -> list[TaskAssigned]:
        """Begin as many steps as may run at once; skip those that nothing is left for."""
        begun: list[TaskAssigned] = []
        self._ledger.follow_up()
        while waiting := scheduling.ready(self._ledger.project):
            busy = len(self._errands) + len(begun)
            if busy >= self._office.limits.max_parallel_steps:
                break
            try:
                begun.append(self._task(waiting[0]))
            except BudgetUsedUpError as error:
                if busy:
                    break  # those at work may leave something over
                self._ledger.skip(waiting[0], error)
                self._ledger.follow_up()
        return begun

    def _task(self, step: PlanStep) -> TaskAssigned:
        allotment = self._ledger.begin(step)
        project = self._ledger.project
        return self._assignment(step, allotment).model_copy(
            update={
                "inputs": scheduling.inputs(project, step),
                "missing": scheduling.missing_inputs(project, step),
            }
        )

    def _assignment(self, step: PlanStep, allotment: Spending) -> TaskAssigned:
        project, carrier = self._ledger.project, dict[str, str]()
        propagate.inject(carrier)
        return TaskAssigned(
            project_id=project.id,
            step_id=step.id,
            sender=project_address(project.id),
            receiver=address_of(step.role),
            correlation_id=project.correlation_id,
            traceparent=carrier.get("traceparent"),
            owner=project.owner,
            task=step.task,
            allotment=allotment,
            pause=project.state(step.id).pause,
        )

    def _note(self, step: PlanStep, reply: Reply | None) -> None:
        """Note what has come of a step."""
        spent = self._settle(step.id, reply)
        match reply:
            case TaskCompleted():
                self._ledger.done(step, reply.result, spent)
            case TaskPlanned():
                self._ledger.divided(step, reply.plan, spent, by_default=False)
            case TaskPaused() if self._ask(step, reply):
                pass
            case _ if step.role in self._office.teams:
                usual = default_plan(step.task, self._office.teams[step.role])
                self._ledger.divided(step, usual, spent, by_default=True)
            case _:
                self._ledger.failed(step, _why(reply, self._office.limits.max_questions), spent)

    def _settle(self, step_id: StepId, reply: Reply | None) -> Spending:
        """Return what a task used up, and count it."""
        spent = self._errands.settle(step_id, reply)
        self._ledger.settle(step_id, spent)
        return spent

    def _ask(self, step: PlanStep, reply: TaskPaused) -> bool:
        """Ask a person on behalf of a step; return whether the project may still ask."""
        limits = self._office.limits
        if self._ledger.project.questions >= limits.max_questions:
            return False
        question = self._ledger.asked(step, reply.pause, reply.spent, limits.question_timeout)
        self._told(question, "asked")
        return True

    async def _take_answers(self) -> None:
        """Let the steps go on whose questions are settled."""
        asking = self._ledger.asking()
        if not asking:
            return
        for question in await self._office.questions.settled(self._ledger.project.id):
            if (step := asking.get(question.id)) is None:
                continue
            self._told(question, question.status)
            self._ledger.answered(step, question)
            waited = (datetime.now(UTC) - question.asked_at).total_seconds()
            self._office.metrics.question_wait.observe(max(0.0, waited))
            if question.status is QuestionStatus.EXPIRED and self._office.limits.unanswered == "fail":
                self._ledger.failed(step, UNANSWERED, Spending())

    def _told(self, question: Question, outcome: str) -> None:
        self._record("projects:question", outcome, question.id)
        self._office.metrics.questions.labels(outcome).inc()

    async def _wind_up(self, box: Box) -> None:
        """Take back what is at work; keep what is done all the same, and count what the rest used up."""
        steps = {step.id: step for step in self._ledger.project.plan or ()}
        for name, reply in (await self._errands.take_all_back(box)).items():
            spent = self._settle(name, reply)
            if isinstance(reply, TaskCompleted):
                self._ledger.done(steps[name], reply.result, spent)

    async def _end(self, status: ProjectStatus) -> ProjectStatus:
        if status is ProjectStatus.CANCELLED:
            self._ledger.cancel()
        self._ledger.end(status)
        project = self._ledger.project
        self._record("projects:run", status, hashlib.sha256(project.goal.encode()).hexdigest())
        await self._save()
        self._office.metrics.projects.labels(status).inc()
        self._office.metrics.project_duration.labels(status).observe(self._ledger.seconds)
        logger.info("project_ended", status=status, runs=project.runs, **project.spent.model_dump(mode="json"))
        return status

    def _record(self, action: str, outcome: str, digest: str) -> None:
        project = self._ledger.project
        self._office.audit.record(
            AuditEntry(
                action=action,
                subject=project.owner,
                outcome=outcome,
                correlation_id=project.correlation_id,
                digest=digest,
            )
        )

    async def _save(self) -> None:
        progress = self._ledger.progress()
        await self._office.store.save(progress, self._token, self._office.limits.project_lease)
        self._office.signals.notify(progress.project.id)


def _why(reply: Reply | None, most_questions: int) -> str:
    if isinstance(reply, TaskPaused):
        return f"a project may ask no more than {most_questions} questions"
    return reply.detail if isinstance(reply, TaskFailed) else NO_REPLY
