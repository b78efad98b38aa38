"""The budget of a project; any order with any spending: ``tests/property/test_projects.py``."""

from decimal import Decimal

import pytest

from ...config.settings import Settings
from ...exceptions.projects import BudgetUsedUpError
from ...models.spending import Spending
from ...services.project_budget import ProjectBudget, project_total
from ..fixtures.team import CHAIN, FORK, WEIGHTS

TOTAL = Spending(steps=80, tokens=8_000, cost=Decimal(8), seconds=80.0)


def budget(spent: Spending | None = None) -> ProjectBudget:
    return ProjectBudget(TOTAL, spent or Spending(), WEIGHTS)


def test_the_total_is_what_the_environment_allows(settings: Settings) -> None:
    limits = settings.limits
    total = project_total(limits)
    assert (total.steps, total.tokens) == (limits.max_project_steps, limits.max_project_tokens)
    assert (total.cost, total.seconds) == (limits.max_project_cost, limits.project_timeout)


def test_a_plan_gets_the_coordinations_part_of_everything() -> None:
    assert budget().plan("plan", 0.0) == Spending(steps=10, tokens=1_000, cost=Decimal(1), seconds=10.0)


def test_a_step_gets_its_part_of_what_is_left_and_time_by_the_longest_way() -> None:
    part = budget().task(CHAIN.steps[0], CHAIN, CHAIN, 10.0)
    assert (part.steps, part.tokens) == (80 * 3 // 7, 8_000 * 3 // 7)
    assert part.seconds == pytest.approx(70 * 3 / 7)


def test_steps_at_the_same_time_share_amounts_and_not_time() -> None:
    one = budget()
    first = one.task(FORK.steps[0], FORK, FORK.steps, 0.0)
    second = one.task(FORK.steps[1], FORK, FORK.steps[1:], 0.0)
    assert (first.steps, second.steps) == (20, 20)
    assert first.seconds == second.seconds == pytest.approx(40.0)


def test_what_is_left_over_goes_back() -> None:
    one = budget()
    one.task(CHAIN.steps[0], CHAIN, CHAIN, 0.0)
    one.settle("a", Spending(steps=1, tokens=100))
    assert (one.left(2.0).steps, one.left(2.0).tokens, one.left(2.0).seconds) == (79, 7_900, 78.0)
    assert one.spent(2.0) == Spending(steps=1, tokens=100, seconds=2.0)


def test_earlier_runs_count() -> None:
    assert budget(Spending(steps=70, seconds=30.0)).left(1.0).steps == 10
    assert budget(Spending(seconds=30.0)).spent(1.0).seconds == 31.0


@pytest.mark.parametrize(
    ("spent", "limit"),
    [
        (Spending(steps=80), "steps"),
        (Spending(tokens=9_000), "tokens"),
        (Spending(cost=Decimal(8)), "cost"),
        (Spending(seconds=80.0), "seconds"),
    ],
)
def test_without_something_left_nothing_begins(spent: Spending, limit: str) -> None:
    with pytest.raises(BudgetUsedUpError, match=f"budget of {limit} is used up"):
        budget(spent).task(CHAIN.steps[0], CHAIN, CHAIN, 0.0)
