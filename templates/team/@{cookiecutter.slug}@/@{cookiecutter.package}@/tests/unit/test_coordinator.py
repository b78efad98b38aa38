"""Projects from end to end with members that do what they are told."""

import asyncio
import json
from pathlib import Path

import pytest

from ...config.agent_limits import AgentLimits
from ...config.settings import Settings
from ...exceptions import DependencyUnavailableError, OverloadedError, ShuttingDownError, StoreError
from ...exceptions.projects import ProjectConflictError, ProjectNotFoundError
from ...interfaces.project_store import IdempotencyKey
from ...models.messages import StepResult, TaskAssigned
from ...models.plan import PLANNING, Plan
from ...models.project import DONE, Project, ProjectStatus, StepStatus
from ...models.project_events import Planned, StatusChanged, StepChanged
from ...models.team import TeamRole
from ...services import errands, projects, scheduling
from ...services.memory_mailbox import MemoryMailbox
from ..fixtures.team import CHAIN, FORK, Bench, MemoryProjectStore, behaving, plan, step, team

BROKEN = DependencyUnavailableError("the model provider is away")


@pytest.fixture
def limits(settings: Settings) -> AgentLimits:
    return settings.limits


async def held(assignment: TaskAssigned) -> Plan:
    """Plan FORK, do nothing else, ever."""
    if assignment.step_id != PLANNING:
        await asyncio.Event().wait()
    return FORK


async def until_at_work(bench: Bench, role: TeamRole = TeamRole.RESEARCH) -> None:
    async with asyncio.timeout(30):
        await bench.members[role].began.wait()


async def test_a_project_goes_from_a_goal_to_an_answer(tmp_path: Path, limits: AgentLimits) -> None:
    async with team(tmp_path, limits, behaving(CHAIN)) as bench:
        project = await bench.ended()
    assert project.status is ProjectStatus.COMPLETED
    assert project.answer is not None
    assert (project.answer.text, project.answer.sources, project.answer.missing) == ("c is done", ("c",), ())
    assert (project.spent.steps, project.spent.tokens) == (4, 40)
    assert bench.counted("agent_projects_total", outcome="completed") == 1
    assert bench.counted("agent_team_steps_total", agent="writing", outcome="completed") == 1
    assert bench.counted("agent_team_messages_total", kind="task_assigned") == 4


async def test_messages_tell_where_they_come_from(tmp_path: Path, limits: AgentLimits) -> None:
    async with team(tmp_path, limits, behaving(CHAIN)) as bench:
        project = await bench.ended()
    task = bench.task("b")
    assert (task.project_id, task.owner, task.correlation_id) == (project.id, "ann", project.correlation_id)
    assert (task.sender, task.receiver) == (f"project:{project.id}", "agent:analysis")
    assert [(given.step_id, given.result.text) for given in task.inputs] == [("a", "a is done")]


async def test_a_failure_is_told_and_the_rest_goes_on(tmp_path: Path, limits: AgentLimits) -> None:
    async with team(tmp_path, limits, behaving(FORK, {"b": BROKEN})) as bench:
        project = await bench.ended()
    states = {name: state.status for name, state in project.steps.items()}
    assert states == {"a": "completed", "b": "failed", "c": "degraded", "d": "skipped"}
    assert project.status is ProjectStatus.PARTIAL
    assert project.answer is not None
    assert [(one.step_id, one.why) for one in project.answer.missing] == [
        ("b", "the model provider is away"),
        ("d", "it builds on b"),
    ]
    assert bench.task("c").missing == ("b",)


async def test_a_defect_in_a_member_ends_its_step_alone_and_stays_inside(tmp_path: Path, limits: AgentLimits) -> None:
    async with team(tmp_path, limits, behaving(FORK, {"a": RuntimeError("secret detail")})) as bench:
        project = await bench.ended()
        assert (await bench.ended()).status is ProjectStatus.PARTIAL  # the member goes on
    assert "secret detail" not in project.model_dump_json()
    assert project.state("a").why == "An unexpected error occurred."


async def test_when_all_fails_the_project_has_failed(tmp_path: Path, limits: AgentLimits) -> None:
    async with team(tmp_path, limits, behaving(CHAIN, {"a": BROKEN})) as bench:
        project = await bench.ended()
    assert project.status is ProjectStatus.FAILED
    assert project.answer is not None
    assert project.answer.text == scheduling.NOTHING_DONE


async def test_without_a_plan_the_usual_one_is_followed(tmp_path: Path, limits: AgentLimits) -> None:
    async with team(tmp_path, limits, behaving(CHAIN, {PLANNING: BROKEN})) as bench:
        project = await bench.ended()
        events = await bench.office.store.events(project.id, 0)
    assert project.status is ProjectStatus.COMPLETED
    assert bench.did() == ["analysis", "research", "writing"]
    assert [one.event.by_default for one in events if isinstance(one.event, Planned)] == [True]


async def test_no_more_steps_run_at_once_than_may(tmp_path: Path, limits: AgentLimits) -> None:
    wide = plan(*(step(f"s{number}") for number in range(8)))
    two = limits.model_copy(update={"max_parallel_steps": 2})
    async with team(tmp_path, two, behaving(wide)) as bench:
        project = await bench.ended()
    assert project.status is ProjectStatus.COMPLETED
    assert bench.members[TeamRole.RESEARCH].most_at_work == 2


async def test_every_step_is_kept_as_soon_as_it_is_over(tmp_path: Path, limits: AgentLimits) -> None:
    store = MemoryProjectStore()
    async with team(tmp_path, limits, behaving(CHAIN), store) as bench:
        await bench.ended()
    done = [[name for name, state in one.project.steps.items() if state.status in DONE] for one in store.saved]
    assert done == [[], [], ["a"], ["a", "b"], ["a", "b", "c"], ["a", "b", "c"]]


async def test_events_tell_the_whole_story(tmp_path: Path, limits: AgentLimits) -> None:
    async with team(tmp_path, limits, behaving(plan(step("a")))) as bench:
        project = await bench.started()
        told = [one async for one in bench.projects.events(project.id) if one is not None]
    assert [one.number for one in told] == list(range(1, len(told) + 1))
    assert [one.event.event for one in told] == ["status", "plan", "step", "step", "answer", "status"]
    steps = [one.event.status for one in told if isinstance(one.event, StepChanged)]
    assert steps == [StepStatus.RUNNING, StepStatus.COMPLETED]


async def test_who_follows_is_told_that_nothing_happens(
    tmp_path: Path, limits: AgentLimits, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projects, "POLL_SECONDS", 0.01)
    async with team(tmp_path, limits, held) as bench:
        project = await bench.started()
        await until_at_work(bench)
        events = bench.projects.events(project.id)
        assert None in [await anext(events) for _ in range(6)]
        await events.aclose()


async def test_a_used_up_budget_skips_what_is_left(tmp_path: Path, limits: AgentLimits) -> None:
    poor = limits.model_copy(update={"max_project_steps": 2})
    async with team(tmp_path, poor, behaving(CHAIN)) as bench:
        project = await bench.ended()
    assert project.status is ProjectStatus.PARTIAL
    assert project.state("b").why == "the project's budget of steps is used up"
    assert project.spent.steps == 2
    assert bench.counted("agent_project_budget_used_up_total", limit="steps") == 1


async def test_without_any_budget_not_even_a_plan_is_made(tmp_path: Path, limits: AgentLimits) -> None:
    broke = limits.model_copy(update={"max_project_tokens": 0})
    async with team(tmp_path, broke, behaving(CHAIN)) as bench:
        project = await bench.ended()
    assert (project.status, project.spent.steps) == (ProjectStatus.FAILED, 0)


async def test_a_member_that_never_replies_is_not_waited_for(
    tmp_path: Path, limits: AgentLimits, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(errands, "GRACE_SECONDS", 0.0)
    hurried = limits.model_copy(update={"project_timeout": 0.4})
    async with team(tmp_path, hurried, held) as bench:
        project = await bench.ended()
        await asyncio.sleep(0)
        assert bench.members[TeamRole.RESEARCH].at_work == 0  # their tasks were taken back
    assert project.status is ProjectStatus.FAILED
    assert project.state("a").why == errands.NO_REPLY


async def test_cancelling_takes_the_tasks_back_and_keeps_what_is_done(tmp_path: Path, limits: AgentLimits) -> None:
    async with team(tmp_path, limits, held) as bench:
        project = await bench.started()
        await until_at_work(bench)
        cancelled = await bench.projects.cancel(project.id, "ann")
        assert cancelled.status is ProjectStatus.CANCELLED
        assert {state.status for state in cancelled.steps.values()} == {StepStatus.SKIPPED}
        await asyncio.sleep(0)
        assert bench.members[TeamRole.RESEARCH].at_work == 0
        with pytest.raises(ProjectConflictError, match="cancelled already"):
            await bench.projects.cancel(project.id, "ann")


async def test_closing_interrupts_and_resuming_repeats_nothing(tmp_path: Path, limits: AgentLimits) -> None:
    store = MemoryProjectStore()

    async def hanging_at_b(assignment: TaskAssigned) -> StepResult | Plan:
        if assignment.step_id == "b":
            await asyncio.Event().wait()
        return await behaving(CHAIN)(assignment)

    async with team(tmp_path, limits, hanging_at_b, store) as first:
        project = await first.started()
        await until_at_work(first, TeamRole.ANALYSIS)
    async with team(tmp_path, limits, behaving(CHAIN), store) as second:
        assert (await second.projects.get(project.id, "ann")).status is ProjectStatus.INTERRUPTED
        resumed = await second.ended(await second.projects.resume(project.id, "ann"))
        assert second.did() == ["b", "c"]
        assert second.members[TeamRole.COORDINATION].tasks == []  # the plan is kept
        with pytest.raises(ProjectConflictError):
            await second.projects.resume(project.id, "ann")
    assert (resumed.status, resumed.runs) == (ProjectStatus.COMPLETED, 2)


async def test_resuming_tries_again_what_failed(tmp_path: Path, limits: AgentLimits) -> None:
    store = MemoryProjectStore()
    async with team(tmp_path, limits, behaving(FORK, {"b": BROKEN}), store) as first:
        project = await first.ended()
    async with team(tmp_path, limits, behaving(FORK), store) as second:
        resumed = await second.ended(await second.projects.resume(project.id, "ann"))
        assert second.did() == ["b", "c", "d"]  # c had to do without b before
        told = [one.event for one in await store.events(project.id, 0)]
    assert resumed.status is ProjectStatus.COMPLETED
    statuses = [event.status for event in told if isinstance(event, StatusChanged)]
    assert statuses == ["running", "partial", "running", "completed"]


async def test_an_interrupted_project_can_be_cancelled(tmp_path: Path, limits: AgentLimits) -> None:
    store = MemoryProjectStore()
    async with team(tmp_path, limits, held, store) as first:
        project = await first.started()
        await until_at_work(first)
    async with team(tmp_path, limits, held, store) as second:
        assert (await second.projects.cancel(project.id, "ann")).status is ProjectStatus.CANCELLED


async def test_another_process_hears_of_a_cancellation(tmp_path: Path, limits: AgentLimits) -> None:
    store = MemoryProjectStore()
    async with team(tmp_path, limits.model_copy(update={"project_lease": 0.03}), held, store) as bench:
        project = await bench.started()
        await until_at_work(bench)
        await store.request_cancel(project.id)  # what the other process does
        assert (await bench.ended(project)).status is ProjectStatus.CANCELLED


async def test_who_lost_the_lease_stops_and_writes_nothing_more(tmp_path: Path, limits: AgentLimits) -> None:
    store = MemoryProjectStore()
    async with team(tmp_path, limits.model_copy(update={"project_lease": 0.03}), held, store) as bench:
        project = await bench.started()
        await until_at_work(bench)
        store.kept[project.id].token = "somebody else"
        saved = len(store.saved)
        await bench.projects.wait(project.id, 30)
        assert bench.members[TeamRole.RESEARCH].at_work == 0
    assert len(store.saved) == saved


async def test_without_the_store_a_run_ends_and_can_be_resumed(tmp_path: Path, limits: AgentLimits) -> None:
    store = MemoryProjectStore()
    store.failing = StoreError("the store cannot be had")
    async with team(tmp_path, limits, behaving(CHAIN), store) as bench:
        project = await bench.ended()
        assert project.status is ProjectStatus.INTERRUPTED
        assert bench.counted("agent_errors_total", error_type="StoreError") == 1
        assert bench.counted("agent_projects_total", outcome="interrupted") == 1
        store.failing = None
        resumed = await bench.ended(await bench.projects.resume(project.id, "ann"))
    assert resumed.status is ProjectStatus.COMPLETED


async def test_only_so_many_projects_are_taken_on(tmp_path: Path, limits: AgentLimits) -> None:
    async with team(tmp_path, limits.model_copy(update={"max_projects": 1}), held) as bench:
        await bench.started()
        with pytest.raises(OverloadedError):
            await bench.started()
    with pytest.raises(ShuttingDownError):
        await bench.started()


async def test_a_project_is_seen_by_its_owner_alone(tmp_path: Path, limits: AgentLimits) -> None:
    async with team(tmp_path, limits, behaving(CHAIN)) as bench:
        project = await bench.ended()
        assert await bench.projects.get(project.id, None) == project
        assert [one.id for one in await bench.projects.newest("ann", 10)] == [project.id]
        assert await bench.projects.newest("bob", 10) == []
        for call in (bench.projects.get, bench.projects.cancel, bench.projects.resume):
            with pytest.raises(ProjectNotFoundError):
                await call(project.id, "bob")


async def test_every_end_is_audited_without_content(tmp_path: Path, limits: AgentLimits) -> None:
    async with team(tmp_path, limits, behaving(CHAIN)) as bench:
        await bench.ended()
    (entry,) = [json.loads(line) for line in (tmp_path / "audit.jsonl").read_text().splitlines()]
    assert (entry["action"], entry["subject"], entry["outcome"]) == ("projects:run", "ann", "completed")
    assert "Find out" not in json.dumps(entry)


async def test_what_cannot_be_audited_is_not_finished(tmp_path: Path, limits: AgentLimits) -> None:
    (tmp_path / "audit.jsonl").mkdir()
    async with team(tmp_path, limits, behaving(CHAIN)) as bench:
        assert (await bench.ended()).status is ProjectStatus.INTERRUPTED


async def test_steps_that_are_overdue_together_are_taken_back_together(
    tmp_path: Path, limits: AgentLimits, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(errands, "GRACE_SECONDS", 0.0)
    hurried = limits.model_copy(update={"project_timeout": 0.2})
    async with team(tmp_path, hurried, held) as bench:
        project = await bench.ended()
        assert bench.members[TeamRole.RESEARCH].at_work == 0
    assert (project.state("a").why, project.state("b").why) == (errands.NO_REPLY, errands.NO_REPLY)
    assert project.spent.steps == 3  # the plan, and what both had used up when they were taken back


async def test_who_does_not_say_what_it_used_up_is_taken_to_have_used_all(
    tmp_path: Path, limits: AgentLimits, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(errands, "GRACE_SECONDS", 0.0)
    monkeypatch.setattr(errands, "SETTLING_SECONDS", 0.01)
    released = asyncio.Event()

    async def deaf(assignment: TaskAssigned) -> StepResult | Plan:
        if assignment.step_id == PLANNING:
            return plan(step("a"))
        while not released.is_set():
            try:
                await released.wait()
            except asyncio.CancelledError:
                continue
        return StepResult(text="too late")

    hurried = limits.model_copy(update={"project_timeout": 0.1})
    async with team(tmp_path, hurried, deaf) as bench:
        project = await bench.ended()
        released.set()
    assert (project.status, project.state("a").why) == (ProjectStatus.FAILED, errands.NO_REPLY)
    assert project.spent.steps == limits.max_project_steps  # nothing is left for another try


@pytest.mark.parametrize("interrupted", [True, False])
async def test_what_was_at_work_counts_when_it_is_stopped(
    tmp_path: Path, limits: AgentLimits, *, interrupted: bool
) -> None:
    """Otherwise stopping and resuming again and again would cost without end."""
    store = MemoryProjectStore()
    async with team(tmp_path, limits, held, store) as bench:
        project = await bench.started()
        await until_at_work(bench)
        if not interrupted:
            await bench.projects.cancel(project.id, "ann")
    stopped = await store.get(project.id)
    assert stopped is not None
    assert stopped.status is (ProjectStatus.INTERRUPTED if interrupted else ProjectStatus.CANCELLED)
    assert stopped.spent.steps == 3


async def test_a_result_that_comes_as_the_run_is_stopped_is_kept(tmp_path: Path, limits: AgentLimits) -> None:
    store = MemoryProjectStore()

    async def finishing(assignment: TaskAssigned) -> StepResult | Plan:
        if assignment.step_id == PLANNING:
            return CHAIN
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            return StepResult(text="done all the same", sources=("a",))
        raise AssertionError

    async with team(tmp_path, limits, finishing, store) as first:
        project = await first.started()
        await until_at_work(first)
    async with team(tmp_path, limits, behaving(CHAIN), store) as second:
        resumed = await second.ended(await second.projects.resume(project.id, "ann"))
        assert second.did() == ["b", "c"]
    assert resumed.state("a").result == StepResult(text="done all the same", sources=("a",))


async def test_no_more_projects_are_taken_on_when_many_come_at_the_same_time(
    tmp_path: Path, limits: AgentLimits
) -> None:
    class Slow(MemoryProjectStore):
        async def create(self, project: Project, token: str, lease: float, key: IdempotencyKey | None) -> Project:
            await asyncio.sleep(0)
            return await super().create(project, token, lease, key)

    async with team(tmp_path, limits.model_copy(update={"max_projects": 2}), held, Slow()) as bench:
        begun = await asyncio.gather(*(bench.started() for _ in range(5)), return_exceptions=True)
    assert [isinstance(one, OverloadedError) for one in begun].count(True) == 3


async def test_what_begins_while_the_process_stops_can_be_resumed_at_once(tmp_path: Path, limits: AgentLimits) -> None:
    class Slow(MemoryProjectStore):
        creating, let = asyncio.Event(), asyncio.Event()

        async def create(self, project: Project, token: str, lease: float, key: IdempotencyKey | None) -> Project:
            self.creating.set()
            await self.let.wait()
            return await super().create(project, token, lease, key)

    store = Slow()
    async with team(tmp_path, limits, held, store) as bench:
        beginning = asyncio.create_task(bench.started())
        await store.creating.wait()
    store.let.set()
    kept = await store.get((await beginning).id)
    assert kept is not None
    assert kept.status is ProjectStatus.INTERRUPTED


async def test_nothing_is_left_behind(tmp_path: Path, limits: AgentLimits) -> None:
    before = asyncio.all_tasks()
    async with team(tmp_path, limits, behaving(FORK, {"b": BROKEN})) as bench:
        await asyncio.gather(*(bench.ended() for _ in range(10)))
        await asyncio.sleep(0)
        mailbox = bench.office.mailbox
        assert isinstance(mailbox, MemoryMailbox)
        assert set(mailbox._boxes) == {f"agent:{role}" for role in TeamRole}
        assert bench.projects._runs == {}
    assert asyncio.all_tasks() == before
    assert mailbox._boxes == {}
