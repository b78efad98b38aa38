"""The budget of a whole project, split over its agents.

Each task gets a part of what is left, by the weight of its agent among those that still have something to do; what it
does not use up goes back. Tasks that run at the same time have set their parts aside, so together they stay within
the budget. Only the last call of a task's model may go over its part of tokens and cost, as ``budget.py`` says.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction

from ..config.agent_limits import AgentLimits
from ..exceptions.projects import BudgetUsedUpError
from ..models.plan import Plan, PlanStep, StepId
from ..models.spending import Spending
from ..models.team import MemberName, TeamRole
from .scheduling import heaviest_chain

Weights = Mapping[MemberName, int]


def project_total(limits: AgentLimits) -> Spending:
    """Return what a project may use up in this environment."""
    return Spending(
        steps=limits.max_project_steps,
        tokens=limits.max_project_tokens,
        cost=limits.max_project_cost,
        seconds=limits.project_timeout,
    )


class ProjectBudget:
    """What one project has used up and set aside.

    Args:
        total: What it may use up, over all its runs.
        spent: What it has, before this run.
        weights: How much each agent gets, compared with the others.
    """

    def __init__(self, total: Spending, spent: Spending, weights: Weights) -> None:
        self._total = total
        self._before = spent
        self._spent = Spending()
        self._weights = weights
        self._set_aside: dict[StepId, Spending] = {}

    def spent(self, seconds: float) -> Spending:
        """Return what is used up, ``seconds`` after this run began; of time, what the project took, not its tasks."""
        return self._before + self._spent.model_copy(update={"seconds": seconds})

    def left(self, seconds: float) -> Spending:
        """Return what nobody has used up or set aside."""
        aside = sum(self._set_aside.values(), Spending()).model_copy(update={"seconds": 0.0})
        return self._total.less(self.spent(seconds)).less(aside)

    def plan(self, step_id: StepId, seconds: float) -> Spending:
        """Set something aside for making the plan: the coordination's part when every agent has one.

        Raises:
            BudgetUsedUpError: There is not enough left.
        """
        share = Fraction(self._weights[TeamRole.COORDINATION], sum(self._weights.values()))
        return self._allot(step_id, seconds, share, share)

    def task(self, step: PlanStep, plan: Plan, waiting: Iterable[PlanStep], seconds: float) -> Spending:
        """Set something aside for a step, and return it.

        Args:
            step: The step that begins.
            plan: The whole plan, for the time that the steps after it need.
            waiting: The steps that have not begun, this one among them.
            seconds: How long this run has lasted.

        Raises:
            BudgetUsedUpError: There is not enough left.
        """
        weight = self._weights[step.role]
        share = Fraction(weight, sum(self._weights[other.role] for other in waiting))
        return self._allot(step.id, seconds, share, Fraction(weight, heaviest_chain(plan, step, self._weights)))

    def settle(self, step_id: StepId, spent: Spending) -> None:
        """Note what a task used up; what it had set aside and left over is free again."""
        self._set_aside.pop(step_id, None)
        self._spent += spent

    def _allot(self, step_id: StepId, seconds: float, share: Fraction, time_share: Fraction) -> Spending:
        left = self.left(seconds)
        part = Spending(
            steps=_part(left.steps, share),
            tokens=_part(left.tokens, share),
            cost=left.cost * share.numerator / Decimal(share.denominator),
            seconds=left.seconds * float(time_share),
        )
        for limit, amount in part:
            if not amount:
                raise BudgetUsedUpError(limit)
        self._set_aside[step_id] = part
        return part


def _part(amount: int, share: Fraction) -> int:
    """Return a part in whole numbers, and one at least while there is one."""
    return min(amount, max(1, int(amount * share)))
