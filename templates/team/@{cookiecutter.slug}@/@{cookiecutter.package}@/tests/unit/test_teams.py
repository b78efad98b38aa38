"""Teams within the team: by configuration, planned by their own leads, one budget, one state."""

import json
from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from ...config.agent_limits import AgentLimits
from ...config.member_config import load_members
from ...config.settings import PROJECT, Settings
from ...exceptions import ConfigurationError, DependencyUnavailableError
from ...exceptions.projects import PlanError
from ...models.messages import StepResult, TaskAssigned
from ...models.plan import PLANNING, Plan
from ...models.project import Project, ProjectStatus, StepState, StepStatus
from ...models.project_events import Planned
from ...models.team import TeamRole
from ...services import scheduling
from ...services.members.coordination import read_plan
from ..fixtures.team import FLAT, Behaviour, MemoryProjectStore, Teams, plan, step, team

TEAMS: Teams = {
    **FLAT,
    TeamRole.COORDINATION: ("inquiry", TeamRole.WRITING),
    "inquiry": (TeamRole.RESEARCH, "details", TeamRole.ANALYSIS),
    "details": (TeamRole.RESEARCH,),
}
WHOLE = plan(step("ask", role="inquiry"), step("report", "ask", role=TeamRole.WRITING))
INQUIRY = plan(step("a"), step("b", role="details"), step("c", "a", "b", role=TeamRole.ANALYSIS, needs="any"))
DETAILS = plan(step("x"), step("y"))
BROKEN = DependencyUnavailableError("the model provider is away")
ALL = ["ask", "ask.a", "ask.b", "ask.b.x", "ask.b.y", "ask.c", "report"]


@pytest.fixture
def limits(settings: Settings) -> AgentLimits:
    return settings.limits.model_copy(update={"max_project_steps": 200})


def leading(*failing: str) -> Behaviour:
    """Return a behaviour that plans for every team, and does every step but the failing ones."""
    plans = {"coordination": WHOLE, "inquiry": INQUIRY, "details": DETAILS}

    async def behave(assignment: TaskAssigned) -> StepResult | Plan:
        if assignment.step_id in failing:
            raise BROKEN
        name = assignment.receiver.removeprefix("agent:")
        return plans.get(name) or StepResult(text=f"{assignment.step_id} is done", sources=(assignment.step_id,))

    return behave


def statuses(project: Project) -> dict[str, str]:
    return {name: state.status for name, state in project.steps.items()}


async def test_a_team_divides_its_step_and_the_rest_builds_on_what_it_comes_to(
    tmp_path: Path, limits: AgentLimits
) -> None:
    async with team(tmp_path, limits, leading(), teams=TEAMS) as bench:
        project = await bench.ended()
        told = [one.event for one in await bench.office.store.events(project.id, 0)]
    assert project.status is ProjectStatus.COMPLETED
    assert statuses(project) == dict.fromkeys(ALL, "completed")
    assert project.state("ask").result == StepResult(text="ask.c is done", sources=("ask.c",))
    assert [given.result.text for given in bench.task("report").inputs] == ["ask.c is done"]
    assert [given.step_id for given in bench.task("ask.c").inputs] == ["ask.a", "ask.b"]
    assert project.answer is not None
    assert project.answer.text == "report is done"
    assert [event.step_id for event in told if isinstance(event, Planned)] == [None, "ask", "ask.b"]
    assert project.spent.steps == len(ALL) + 1  # one budget for all of it, the plans included
    assert bench.task("ask").allotment.steps < limits.max_project_steps


async def test_what_fails_deep_below_is_told_and_the_rest_goes_on(tmp_path: Path, limits: AgentLimits) -> None:
    async with team(tmp_path, limits, leading("ask.b.x"), teams=TEAMS) as bench:
        project = await bench.ended()
    degraded = {"ask": "degraded", "ask.b": "degraded", "ask.c": "degraded", "ask.b.x": "failed", "report": "degraded"}
    assert statuses(project) == dict.fromkeys(ALL, "completed") | degraded
    assert project.status is ProjectStatus.PARTIAL
    assert project.answer is not None
    assert [one.step_id for one in project.answer.missing] == ["ask.b.x"]


async def test_a_team_that_comes_to_nothing_fails(tmp_path: Path, limits: AgentLimits) -> None:
    async with team(tmp_path, limits, leading("ask.a", "ask.b.x", "ask.b.y"), teams=TEAMS) as bench:
        project = await bench.ended()
    assert (project.status, project.state("ask").why) == (ProjectStatus.FAILED, scheduling.NOTHING_DONE_BY_TEAM)
    assert project.state("report").status is StepStatus.SKIPPED


async def test_a_lead_that_makes_no_plan_has_the_usual_one_followed(tmp_path: Path, limits: AgentLimits) -> None:
    async with team(tmp_path, limits, leading("ask", PLANNING), teams=TEAMS) as bench:
        project = await bench.ended()
        planned = [one.event for one in await bench.office.store.events(project.id, 0)]
    assert project.status is ProjectStatus.COMPLETED
    assert [event.by_default for event in planned if isinstance(event, Planned)] == [True, False, False]
    assert "inquiry" in statuses(project)


async def test_a_lead_that_is_away_does_not_stop_its_team(tmp_path: Path, limits: AgentLimits) -> None:
    async with team(tmp_path, limits, leading("ask.b"), teams=TEAMS) as bench:
        project = await bench.ended()
    assert project.status is ProjectStatus.COMPLETED
    assert "ask.b.research" in statuses(project)


async def test_resuming_repeats_nothing_of_a_team(tmp_path: Path, limits: AgentLimits) -> None:
    store = MemoryProjectStore()
    async with team(tmp_path, limits, leading("ask.b.y"), store, TEAMS) as first:
        project = await first.ended()
    async with team(tmp_path, limits, leading(), store, TEAMS) as second:
        resumed = await second.ended(await second.projects.resume(project.id, "ann"))
    assert resumed.status is ProjectStatus.COMPLETED
    assert second.did() == ["ask.b.y", "ask.c", "report"]  # no plan is made again, and only what was lacking is done


async def test_the_caps_hold_over_the_whole_tree(tmp_path: Path, limits: AgentLimits) -> None:
    poor = limits.model_copy(update={"max_project_steps": 6})
    async with team(tmp_path, poor, leading(), teams=TEAMS) as bench:
        project = await bench.ended()
    assert project.spent.steps <= 6
    assert project.status in {ProjectStatus.PARTIAL, ProjectStatus.FAILED}
    assert bench.counted("agent_project_budget_used_up_total", limit="steps") >= 1


async def test_a_project_that_would_grow_too_large_ends_that_branch(tmp_path: Path, limits: AgentLimits) -> None:
    many = plan(*(step(f"s{number}") for number in range(60)))

    async def behave(assignment: TaskAssigned) -> StepResult | Plan:
        return many if assignment.receiver == "agent:inquiry" else await leading()(assignment)

    async with team(tmp_path, limits, behave, teams=TEAMS) as bench:
        project = await bench.ended()
    assert project.state("ask").why == "the project would have too many steps"


def test_parts_build_on_what_the_whole_builds_on() -> None:
    whole = plan(step("a"), step("b", "a", role="inquiry", needs="any"))
    divided = whole.divided(whole.steps[1], plan(step("x"), step("y", "x")))
    assert [(one.id, one.depends_on, one.needs, one.parent) for one in divided] == [
        ("a", (), "all", None),
        ("b", ("a",), "any", None),
        ("b.x", ("a",), "any", "b"),
        ("b.y", ("b.x",), "all", "b"),
    ]
    assert (
        scheduling.heaviest_chain(
            WHOLE.divided(WHOLE.steps[0], plan(step("x"))),
            step("ask.x").model_copy(update={"parent": "ask"}),
            {"research": 3, "writing": 2, "inquiry": 9},
        )
        == 3 + 2
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"role": "writing"}, "steps can be given to research alone"),
        ({"parent": "a"}, "wait|no parent|parent"),
        ({"id": "a.b"}, "no dot"),
        ({"id": "a" * 31}, "at most 30 letters"),
        ({"id": "plan"}, "none of the id plan"),
    ],
)
def test_a_plan_keeps_to_the_team(change: dict[str, str], message: str) -> None:
    made = '{"steps": [{"id": "a", "role": "research", "task": "x"}, %s]}'
    other = json.dumps({"id": "b", "role": "research", "task": "x"} | change)
    with pytest.raises(PlanError, match=message):
        read_plan(made % other, ("research",))


def with_teams(folder: Path, *leads: dict[str, object], members: tuple[str, ...] = ("inquiry", "writing")) -> Path:
    """Return a configuration folder with the shipped members and leads of further teams."""
    (folder / "agents").mkdir()
    for path in (PROJECT / "config" / "agents").glob("*.yaml"):
        document = yaml.load(path.read_text(), yaml.CSafeLoader)
        if document.get("agent_type") == "coordination":
            for number, about in enumerate(leads):
                lead = document | {"agent_id": f"lead-{number}-v1", "metadata": {"budget_share": 4} | about}
                (folder / "agents" / f"lead-{number}-v1.yaml").write_text(yaml.dump(lead, Dumper=yaml.CSafeDumper))
            document["metadata"]["members"] = list(members)
        (folder / "agents" / path.name).write_text(yaml.dump(document, Dumper=yaml.CSafeDumper))
    return folder


def test_a_team_is_a_matter_of_configuration(tmp_path: Path) -> None:
    inquiry: dict[str, object] = {"team": "inquiry", "members": ["research", "analysis"]}
    members = load_members(with_teams(tmp_path, inquiry), 2)
    assert members["inquiry"].leads == ("research", "analysis")
    assert members[TeamRole.COORDINATION].leads == ("inquiry", "writing")


@pytest.mark.parametrize(
    ("leads", "message"),
    [
        ([{"team": "inquiry", "members": ["details"]}], "there is no member details"),
        ([{"team": "inquiry", "members": ["inquiry"]}], "leads itself: coordination → inquiry → inquiry"),
        ([{"team": "inquiry", "members": ["coordination"]}], "there is no member coordination"),
        (
            [{"team": "inquiry", "members": ["details"]}, {"team": "details", "members": ["research"]}],
            "no more than 2 levels",
        ),
        ([{"team": "inquiry"}, {"team": "idle"}], "nobody has the team idle among its members"),
        ([{"team": "research"}], "a team cannot have the name research"),
        ([{"team": "plan"}], "a team cannot have the name plan"),
        ([{"team": "Inquiry!"}], "metadata.team"),
        ([], "there is no member inquiry"),
    ],
)
def test_teams_that_do_not_hold_together_are_named(
    tmp_path: Path, leads: list[dict[str, object]], message: str
) -> None:
    with pytest.raises(ConfigurationError, match=message):
        load_members(with_teams(tmp_path, *leads), 2)


def test_a_part_needs_its_whole() -> None:
    with pytest.raises(ValidationError, match="depend on moon"):
        plan(step("a").model_copy(update={"parent": "moon"}))


def test_a_team_at_work_is_not_over() -> None:
    divided = Project(owner="ann", goal="x", correlation_id="c", plan=WHOLE.divided(WHOLE.steps[0], DETAILS)).having(
        {"ask": StepState(status=StepStatus.DIVIDED)}
    )
    assert [one.id for one in scheduling.ready(divided)] == ["ask.x", "ask.y"]
    assert scheduling.gathered(divided) == {}
