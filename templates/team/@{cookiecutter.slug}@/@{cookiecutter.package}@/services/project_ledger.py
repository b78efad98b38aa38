"""What a run of a project knows: the state, what changed since it was kept, and the budget. It does nothing itself."""

import time
from collections.abc import Callable

from ..exceptions.projects import BudgetUsedUpError
from ..interfaces.project_store import Progress
from ..models.messages import StepResult
from ..models.plan import Plan, PlanStep, StepId
from ..models.project import OVER, Project, ProjectStatus, StepState, StepStatus
from ..models.project_events import Planned, ProjectAnswered, ProjectEvent, StatusChanged, StepChanged
from ..models.spending import Spending
from ..utils.team_metrics import TeamMetrics
from . import scheduling
from .project_budget import ProjectBudget, Weights

CANCELLED = "the project was cancelled"


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

    @property
    def seconds(self) -> float:
        """How long the run has lasted."""
        return self._clock() - self._started

    def progress(self) -> Progress:
        """Return what changed since this was asked last."""
        self.project = self.project.model_copy(update={"spent": self._budget.spent(self.seconds)})
        progress = Progress(project=self.project, changed=frozenset(self._changed), events=tuple(self._events))
        self._changed.clear()
        self._events.clear()
        return progress

    def allot_planning(self, step_id: StepId) -> Spending:
        """Set something aside for making the plan.

        Raises:
            BudgetUsedUpError: There is not enough left.
        """
        return self._budget.plan(step_id, self.seconds)

    def settle(self, step_id: StepId, spent: Spending) -> None:
        """Note what a task used up."""
        self._budget.settle(step_id, spent)

    def planned(self, plan: Plan, *, by_default: bool) -> None:
        """Note the plan."""
        self.project = self.project.model_copy(update={"plan": plan})
        self._events.append(Planned(plan=plan, by_default=by_default))

    def begin(self, step: PlanStep) -> Spending:
        """Note that a step begins; return what is set aside for it.

        Raises:
            BudgetUsedUpError: There is not enough left.
        """
        plan = self.project.plan or Plan(steps=(step,))
        waiting = [other for other in plan if self.project.state(other.id).status is StepStatus.WAITING]
        allotment = self._budget.task(step, plan, waiting, self.seconds)
        self._note(step, StepState(status=StepStatus.RUNNING))
        return allotment

    def done(self, step: PlanStep, result: StepResult, spent: Spending) -> None:
        """Note a result."""
        lacking = scheduling.missing_inputs(self.project, step)
        status = StepStatus.DEGRADED if lacking else StepStatus.COMPLETED
        why = f"without all of {', '.join(lacking)}" if lacking else ""
        self._note(step, StepState(status=status, result=result, spent=spent, why=why))

    def failed(self, step: PlanStep, why: str, spent: Spending) -> None:
        """Note a failure."""
        self._note(step, StepState(status=StepStatus.FAILED, why=why, spent=spent))

    def skip(self, step: PlanStep, error: BudgetUsedUpError) -> None:
        """Note that there is nothing left for a step."""
        self._metrics.budget_used_up.labels(error.limit).inc()
        self._note(step, StepState(status=StepStatus.SKIPPED, why=str(error)))

    def skip_hopeless(self) -> None:
        """Note the steps that cannot be done any more."""
        hopeless = scheduling.settled(self.project)
        for step in self.project.plan or ():
            if step.id in hopeless:
                self._note(step, hopeless[step.id])

    def cancel(self) -> None:
        """Note that everything which is not over will not be done."""
        for step in scheduling.unfinished(self.project):
            self._note(step, StepState(status=StepStatus.SKIPPED, why=CANCELLED))

    def end(self, status: ProjectStatus) -> None:
        """Note how it ended, with the answer."""
        answer = scheduling.answer(self.project)
        self.project = self.project.model_copy(update={"status": status, "answer": answer})
        self._events += [ProjectAnswered(answer=answer), StatusChanged(status=status)]

    def _note(self, step: PlanStep, state: StepState) -> None:
        self.project = self.project.having({step.id: state})
        self._changed.add(step.id)
        self._events.append(StepChanged(step_id=step.id, role=step.role, status=state.status, why=state.why))
        if state.status in OVER:
            self._metrics.steps.labels(step.role, state.status).inc()
