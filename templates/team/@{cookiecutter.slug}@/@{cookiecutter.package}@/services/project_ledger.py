"""What a run of a project knows: the state, what changed since it was kept, and the budget. It does nothing itself."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from ..exceptions.projects import BudgetUsedUpError
from ..interfaces.project_store import Progress
from ..models.messages import StepResult
from ..models.pause import Decision, Pause
from ..models.plan import PLANNING, Plan, PlanStep, StepId
from ..models.project import OVER, Project, ProjectStatus, StepState, StepStatus
from ..models.project_events import (
    Planned,
    ProjectAnswered,
    ProjectEvent,
    QuestionAsked,
    QuestionOver,
    StatusChanged,
    StepChanged,
)
from ..models.questions import Question, QuestionStatus
from ..models.spending import Spending
from ..models.team import TeamRole
from ..utils.team_metrics import TeamMetrics
from . import scheduling
from .project_budget import ProjectBudget, Weights

CANCELLED = "the project was cancelled"
TOO_MANY_STEPS = "the project would have too many steps"
UNANSWERED = "nobody answered in time"


class ProjectLedger:
    """Keeps the books of one run.

    Args:
        project: As it was kept.
        total: The budget of the whole project.
        weights: How it is split over the agents.
        metrics: Counts steps.
        clock: Seconds that never run backwards.
    """

    def __init__(
        self,
        project: Project,
        total: Spending,
        weights: Weights,
        metrics: TeamMetrics,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.project = project
        self._budget = ProjectBudget(total, project.spent, weights)
        self._metrics = metrics
        self._clock = clock
        self._started = clock()
        self._changed: set[StepId] = set(project.steps)
        self._events: list[ProjectEvent] = [StatusChanged(status=project.status)]
        self._asked: list[Question] = []
        self._taken: set[str] = set()

    @property
    def seconds(self) -> float:
        """How long the run has lasted."""
        return self._clock() - self._started

    def progress(self) -> Progress:
        """Return what changed since this was asked last."""
        self.project = self.project.model_copy(update={"spent": self._budget.spent(self.seconds)})
        progress = Progress(
            project=self.project,
            changed=frozenset(self._changed),
            events=tuple(self._events),
            asked=tuple(self._asked),
            taken=frozenset(self._taken),
        )
        for kept in (self._changed, self._events, self._asked, self._taken):
            kept.clear()
        return progress

    def begin_planning(self) -> Spending:
        """Set something aside for making the plan.

        Raises:
            BudgetUsedUpError: There is not enough left.
        """
        return self._budget.plan(PLANNING, self.seconds)

    def settle(self, step_id: StepId, spent: Spending) -> None:
        """Note what a task used up."""
        self._budget.settle(step_id, spent)

    def planned(self, plan: Plan, *, by_default: bool) -> None:
        """Note the plan."""
        self.project = self.project.model_copy(update={"plan": plan})
        if PLANNING in self.project.steps:  # a person was asked
            self._keep(PLANNING, StepState(status=StepStatus.COMPLETED))
        self._events.append(Planned(plan=plan, by_default=by_default))

    def divided(self, step: PlanStep, parts: Plan, spent: Spending, *, by_default: bool) -> None:
        """Note the parts into which its team divided a step."""
        try:
            plan = (self.project.plan or Plan(steps=(step,))).divided(step, parts)
        except ValueError:
            return self.failed(step, TOO_MANY_STEPS, spent)
        self.project = self.project.model_copy(update={"plan": plan})
        self._note(step, StepState(status=StepStatus.DIVIDED, spent=self._spent(step, spent)))
        self._events.append(Planned(plan=plan, by_default=by_default, step_id=step.id))
        return None

    def begin(self, step: PlanStep) -> Spending:
        """Note that a step begins; return what is set aside for it.

        Raises:
            BudgetUsedUpError: There is not enough left.
        """
        plan = self.project.plan or Plan(steps=(step,))
        waiting = [other for other in plan if self.project.state(other.id).status is StepStatus.WAITING]
        allotment = self._budget.task(step, plan, waiting, self.seconds)
        self._note(step, self.project.state(step.id).model_copy(update={"status": StepStatus.RUNNING}))
        return allotment

    def asked(self, step: PlanStep, pause: Pause, spent: Spending, timeout: float) -> Question:
        """Note that a step needs a person; return the question, which waits ``timeout`` seconds."""
        wish, now = pause.wish, datetime.now(UTC)
        question = Question(
            project_id=self.project.id,
            step_id=step.id,
            role=step.role,
            **wish.model_dump(),
            asked_at=now,
            due_at=now + timedelta(seconds=timeout),
        )
        self.project = self.project.model_copy(update={"questions": self.project.questions + 1})
        kept = pause.model_copy(update={"question_id": question.id})
        self._note(step, StepState(status=StepStatus.ASKING, pause=kept, spent=self._spent(step, spent)))
        self._asked.append(question)
        self._events.append(
            QuestionAsked(
                question_id=question.id, **question.model_dump(include={*QuestionAsked.model_fields} - {"event"})
            )
        )
        return question

    def asking(self) -> dict[str, PlanStep]:
        """Return the steps that wait for a person, by the question."""
        return {
            pause.question_id: step
            for step in self._steps()
            if self.project.state(step.id).status is StepStatus.ASKING and (pause := self.project.state(step.id).pause)
        }

    def answered(self, step: PlanStep, question: Question) -> None:
        """Note what became of the question of a step, which can go on."""
        state = self.project.state(step.id)
        decision = Decision(granted=question.status is QuestionStatus.ANSWERED, text=question.answer)
        pause = state.pause.decided(decision) if state.pause else None
        self._taken.add(question.id)
        self._events.append(QuestionOver(question_id=question.id, status=question.status))
        self._note(step, StepState(pause=pause, spent=state.spent))

    def done(self, step: PlanStep, result: StepResult, spent: Spending) -> None:
        """Note a result."""
        lacking = scheduling.missing_inputs(self.project, step)
        status = StepStatus.DEGRADED if lacking else StepStatus.COMPLETED
        why = scheduling.without(lacking)
        self._note(step, StepState(status=status, result=result, spent=self._spent(step, spent), why=why))

    def failed(self, step: PlanStep, why: str, spent: Spending) -> None:
        """Note a failure."""
        self._note(step, StepState(status=StepStatus.FAILED, why=why, spent=self._spent(step, spent)))

    def skip(self, step: PlanStep, error: BudgetUsedUpError) -> None:
        """Note that there is nothing left for a step."""
        self._metrics.budget_used_up.labels(error.limit).inc()
        self._note(step, StepState(status=StepStatus.SKIPPED, why=str(error)))

    def follow_up(self) -> None:
        """Note the steps that cannot be done any more, and what has come of those that were divided."""
        while changes := scheduling.settled(self.project) | scheduling.gathered(self.project):
            for step in self.project.plan or ():
                if step.id in changes:
                    self._note(step, changes[step.id])

    def cancel(self) -> None:
        """Note that everything which is not over will not be done."""
        for step in scheduling.unfinished(self.project):
            self._note(step, StepState(status=StepStatus.SKIPPED, why=CANCELLED))
        if self.project.plan is None and PLANNING in self.project.steps:
            self._keep(PLANNING, StepState())

    def end(self, status: ProjectStatus) -> None:
        """Note how it ended, with the answer."""
        if status is ProjectStatus.WAITING:
            self.project = self.project.model_copy(update={"status": status})
            self._events.append(StatusChanged(status=status))
            return
        answer = scheduling.answer(self.project)
        self.project = self.project.model_copy(update={"status": status, "answer": answer})
        self._events += [ProjectAnswered(answer=answer), StatusChanged(status=status)]

    def planning(self) -> PlanStep:
        """Return the making of the plan, as a step."""
        return PlanStep(id=PLANNING, role=TeamRole.COORDINATION, task=self.project.goal)

    def _steps(self) -> Iterator[PlanStep]:
        if self.project.plan is None:
            yield self.planning()
        yield from self.project.plan or ()

    def _spent(self, step: PlanStep, spent: Spending) -> Spending:
        """Return what a step used up in all, before it asked a person and since."""
        return self.project.state(step.id).spent + spent

    def _keep(self, step_id: StepId, state: StepState) -> None:
        self.project = self.project.having({step_id: state})
        self._changed.add(step_id)

    def _note(self, step: PlanStep, state: StepState) -> None:
        self._keep(step.id, state)
        self._events.append(StepChanged(step_id=step.id, role=step.role, status=state.status, why=state.why))
        if state.status in OVER:
            self._metrics.steps.labels(step.role, state.status).inc()
