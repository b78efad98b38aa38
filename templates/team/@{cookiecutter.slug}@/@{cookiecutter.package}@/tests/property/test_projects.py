"""Any plan with any failures ends as it should, and any spending stays within the budget."""

import asyncio
import hashlib
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from ...config.settings import Settings
from ...exceptions import DependencyUnavailableError
from ...exceptions.projects import PersonNeededError
from ...models.conversation import Reply
from ...models.messages import StepResult, TaskAssigned
from ...models.pause import Pause, QuestionKind, Wish
from ...models.plan import Plan, PlanStep
from ...models.project import DONE, OVER, Project, ProjectStatus, StepState, StepStatus
from ...models.questions import QuestionStatus
from ...models.spending import Spending
from ...models.team import MemberName, TeamRole
from ...services import scheduling
from ...services.project_budget import ProjectBudget
from ..fixtures.team import FORK, WEIGHTS, Teams, behaving, step, team

BROKEN = DependencyUnavailableError("the model provider is away")
TOTAL = Spending(steps=80, tokens=8_000, cost=Decimal(8), seconds=80.0)


@st.composite
def plans(draw: st.DrawFn, members: Sequence[MemberName] = (TeamRole.RESEARCH,)) -> Plan:
    """Any plan: a step can only depend on earlier ones, so there are no circles."""
    steps: list[PlanStep] = []
    for number in range(draw(st.integers(1, 8))):
        before = draw(st.sets(st.sampled_from([one.id for one in steps]))) if steps else set()
        needs, role = draw(st.sampled_from(["all", "any"])), draw(st.sampled_from(members))
        steps.append(step(f"s{number}", *sorted(before), needs=needs, role=role))
    return Plan(steps=tuple(draw(st.permutations(steps))))


def end(now: Project, failing: set[str]) -> Project:
    """Run a project: what can begin does, one after the other."""
    while True:
        now = now.having(scheduling.settled(now))
        waiting = scheduling.ready(now)
        if not waiting:
            return now
        first = waiting[0]
        done = StepStatus.DEGRADED if scheduling.missing_inputs(now, first) else StepStatus.COMPLETED
        result = StepResult(text=first.id)
        failed = StepState(status=StepStatus.FAILED, why="it broke")
        now = now.having({first.id: failed if first.id in failing else StepState(status=done, result=result)})


@given(made=plans(), data=st.data())
def test_any_plan_with_any_failures_comes_to_its_right_end(made: Plan, data: st.DataObject) -> None:
    failing = data.draw(st.sets(st.sampled_from([one.id for one in made])))
    over = end(Project(owner="ann", goal="Find out", correlation_id="c", plan=made), failing)
    states = {one.id: over.state(one.id).status for one in made}
    assert set(states.values()) <= OVER
    for one in made:
        before = [states[name] for name in one.depends_on]
        lost = [status for status in before if status not in DONE]
        hopeless = bool(lost) if one.needs == "all" else bool(before) and len(lost) == len(before)
        whole = all(status is StepStatus.COMPLETED for status in before)
        expected = StepStatus.COMPLETED if whole else StepStatus.DEGRADED
        expected = StepStatus.FAILED if one.id in failing else expected
        assert states[one.id] is (StepStatus.SKIPPED if hopeless else expected)
    outcome = scheduling.outcome(over)
    assert (outcome is ProjectStatus.COMPLETED) == (set(states.values()) == {StepStatus.COMPLETED})
    assert (outcome is ProjectStatus.FAILED) == (not set(states.values()) & DONE)
    assert {one.step_id for one in scheduling.answer(over).missing} == {
        name for name, status in states.items() if status not in DONE
    }


@hypothesis_settings(max_examples=25)
@given(made=plans(), data=st.data())
def test_any_plan_with_any_failures_ends_as_it_should(
    made: Plan, data: st.DataObject, tmp_path: Path, settings: Settings
) -> None:
    """The run, with its concurrency, comes to the same end as the rules of ``scheduling`` one step at a time."""
    failing = data.draw(st.sets(st.sampled_from([one.id for one in made])))

    async def run() -> ProjectStatus:
        limits = settings.limits.model_copy(update={"max_project_steps": 1_000, "max_project_tokens": 1_000_000})
        async with team(tmp_path, limits, behaving(made, dict.fromkeys(failing, BROKEN))) as bench:
            project = await bench.ended()
        begun = {name for name, state in project.steps.items() if state.status is not StepStatus.SKIPPED}
        assert bench.did() == sorted(begun)  # each once, and nothing that was skipped
        assert {one.id for one in made if _whole(made, one, failing)} == {
            name for name, state in project.steps.items() if state.status is StepStatus.COMPLETED
        }
        return project.status

    status = asyncio.run(run())
    assert (status is ProjectStatus.COMPLETED) == (not failing)


def _whole(made: Plan, one: PlanStep, failing: set[str]) -> bool:
    """Tell whether a step and everything that it builds on, however far down, did not fail."""
    before = [other for other in made if other.id in one.depends_on]
    return one.id not in failing and all(_whole(made, other, failing) for other in before)


TEAMS: Teams = {
    TeamRole.COORDINATION: (TeamRole.RESEARCH, "inquiry"),
    "inquiry": (TeamRole.RESEARCH, "details"),
    "details": (TeamRole.RESEARCH,),
}


@hypothesis_settings(max_examples=20)
@given(data=st.data(), questions=st.booleans())
def test_any_tree_of_teams_with_any_failures_and_questions_comes_to_an_end(
    data: st.DataObject, tmp_path: Path, settings: Settings, *, questions: bool
) -> None:
    """Nothing is done twice, nothing stays undone, and the budget holds, with a run for each answer."""
    made = {name: data.draw(plans(members)) for name, members in TEAMS.items()}
    limits = settings.limits.model_copy(update={"max_questions": 3, "max_project_steps": 30})
    worked: list[str] = []

    async def behave(assignment: TaskAssigned) -> StepResult | Plan:
        await asyncio.sleep(0)
        fate = hashlib.sha256(f"{assignment.step_id}{fates}".encode()).digest()[0] % 4
        if fate == 0:
            raise BROKEN
        if fate == 1 and questions and assignment.pause is None:
            wish = Wish(kind=QuestionKind.QUESTION, text="Which?")
            raise PersonNeededError(Pause(user="u", turns=(), reply=Reply(text=""), call=0, wish=wish))
        worked.append(assignment.step_id)
        name = assignment.receiver.removeprefix("agent:")
        return made.get(name) or StepResult(text=assignment.step_id)

    fates = data.draw(st.integers(0, 1_000))

    async def run() -> Project:
        async with team(tmp_path, limits, behave, teams=TEAMS) as bench:
            project = await bench.ended()
            while project.status is ProjectStatus.WAITING:
                for question in await bench.questions.waiting("ann", 10):
                    await bench.questions.settle(question.id, "ann", QuestionStatus.ANSWERED, "this")
                project = await bench.ended(project)
            return project

    project = asyncio.run(run())
    assert len(worked) == len(set(worked))
    assert {project.state(one.id).status for one in project.plan or ()} <= OVER
    assert project.spent.steps <= limits.max_project_steps
    done = {one.id for one in project.plan or () if project.state(one.id).status in DONE}
    assert {name for name in done if not (project.plan and project.plan.parts_of(name))} <= set(worked)
    assert (project.status is ProjectStatus.FAILED) == (not done)


SHARES = st.lists(st.floats(0, 1), min_size=4, max_size=4)


@given(order=st.permutations(FORK.steps), shares=SHARES, together=st.booleans())
def test_all_steps_stay_within_the_total(order: list[PlanStep], shares: list[float], *, together: bool) -> None:
    one, begun = ProjectBudget(TOTAL, Spending(), WEIGHTS), []
    for number, first in enumerate(order):
        part = one.task(first, Plan(steps=FORK.steps), order[number:], 0.0)
        spent = Spending(steps=int(part.steps * shares[number]), tokens=int(part.tokens * shares[number]))
        if together:
            begun.append((first, spent))
        else:
            one.settle(first.id, spent)
    assert one.left(0.0).tokens >= 0
    for first, spent in begun:
        one.settle(first.id, spent)
    assert one.spent(0.0).steps <= TOTAL.steps
    assert one.spent(0.0).tokens <= TOTAL.tokens
