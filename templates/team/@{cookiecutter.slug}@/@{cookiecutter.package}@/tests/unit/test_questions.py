"""Projects that wait for a person: asked, kept over restarts, answered once, gone on with by themselves."""

import asyncio
import json
from collections.abc import Collection
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ...config.agent_limits import AgentLimits
from ...config.settings import Settings
from ...exceptions import InvalidInputError, ShuttingDownError
from ...exceptions.projects import PersonNeededError, ProjectConflictError, QuestionNotFoundError
from ...models.conversation import Reply
from ...models.messages import StepResult, TaskAssigned
from ...models.pause import Decision, Pause, QuestionKind, Wish
from ...models.plan import PLANNING, Plan
from ...models.project import RESUMABLE, Project, ProjectStatus, StepStatus
from ...models.project_events import QuestionAsked, QuestionOver
from ...models.questions import Question, QuestionStatus
from ...models.team import TeamRole
from ...services import questions
from ..fixtures.team import CHAIN, FORK, Behaviour, Bench, MemoryProjectStore, behaving, team

ANSWERED, REFUSED, EXPIRED = QuestionStatus.ANSWERED, QuestionStatus.REFUSED, QuestionStatus.EXPIRED


@pytest.fixture
def limits(settings: Settings) -> AgentLimits:
    return settings.limits


def needing(pause: Pause | None = None, kind: QuestionKind = QuestionKind.QUESTION) -> PersonNeededError:
    wish = Wish(kind=kind, text="Which one?")
    decisions = pause.decisions if pause else {}
    stop = Pause(user="u", turns=(), reply=Reply(text=""), call=len(decisions), wish=wish, decisions=decisions)
    return PersonNeededError(stop)


def asking(made: Plan, *steps: str, times: int = 1, kind: QuestionKind = QuestionKind.QUESTION) -> Behaviour:
    """Return a behaviour whose ``steps`` ask so often before they do anything, and say what they heard."""

    async def behave(assignment: TaskAssigned) -> StepResult | Plan:
        pause = assignment.pause
        heard = pause.decisions if pause else {}
        if assignment.step_id in steps and len(heard) < times:
            raise needing(pause, kind)
        result = await behaving(made)(assignment)
        said = "; ".join(f"{one.granted} {one.text}" for one in heard.values())
        return result.model_copy(update={"text": said}) if heard and isinstance(result, StepResult) else result

    return behave


async def open_question(bench: Bench, owner: str | None = "ann") -> Question:
    (question,) = await bench.questions.waiting(owner, 10)
    return question


async def test_a_project_waits_for_an_answer_and_goes_on_with_it(tmp_path: Path, limits: AgentLimits) -> None:
    async with team(tmp_path, limits, asking(CHAIN, "b")) as bench:
        project = await bench.ended()
        assert (project.status, project.state("b").status) == (ProjectStatus.WAITING, StepStatus.ASKING)
        assert (project.state("a").status, project.state("c").status) == (StepStatus.COMPLETED, StepStatus.WAITING)
        question = await open_question(bench)
        assert (question.step_id, question.role, question.text) == ("b", TeamRole.ANALYSIS, "Which one?")
        assert question.due_at - question.asked_at == timedelta(seconds=limits.question_timeout)
        settled = await bench.questions.settle(question.id, "ann", ANSWERED, "The blue one")
        assert (settled.status, settled.answer) == (ANSWERED, "The blue one")
        ended = await bench.ended(project)
        assert await bench.questions.waiting("ann", 10) == []
        told = [one.event for one in await bench.office.store.events(project.id, 0)]
    assert (ended.status, ended.state("b").result) == (
        ProjectStatus.COMPLETED,
        StepResult(text="True The blue one", sources=("b",)),
    )
    assert bench.did() == ["a", "b", "b", "c"]  # what was done before is not done again
    assert ended.state("b").spent.steps == 2
    assert ended.spent.steps == 5
    asked = [event for event in told if isinstance(event, QuestionAsked | QuestionOver)]
    assert [(event.event, event.question_id) for event in asked] == [
        ("question", question.id),
        ("question_over", question.id),
    ]
    assert bench.counted("agent_projects_total", outcome="waiting") == 1
    assert bench.counted("agent_project_questions_total", outcome="asked") == 1
    assert bench.counted("agent_project_questions_total", outcome="answered") == 1
    assert bench.counted("agent_project_question_wait_seconds_count") == 1
    entries = [json.loads(line) for line in (tmp_path / "audit.jsonl").read_text().splitlines()]
    assert [entry["outcome"] for entry in entries] == ["asked", "waiting", "answered", "completed"]
    assert "blue" not in json.dumps(entries)


async def test_a_refusal_is_told_too(tmp_path: Path, limits: AgentLimits) -> None:
    async with team(tmp_path, limits, asking(CHAIN, "a", kind=QuestionKind.APPROVAL)) as bench:
        project = await bench.ended()
        await bench.questions.settle((await open_question(bench)).id, "ann", REFUSED, "Not now")
        ended = await bench.ended(project)
    assert ended.state("a").result == StepResult(text="False Not now", sources=("a",))


async def test_leave_needs_no_words_and_an_answer_does(tmp_path: Path, limits: AgentLimits) -> None:
    async with team(tmp_path, limits, asking(CHAIN, "a")) as bench:
        await bench.ended()
        question = await open_question(bench)
        with pytest.raises(InvalidInputError, match="needs a text"):
            await bench.questions.settle(question.id, "ann", ANSWERED, "")
        assert (await open_question(bench)).id == question.id


async def test_the_coordination_can_ask_before_there_is_a_plan(tmp_path: Path, limits: AgentLimits) -> None:
    async with team(tmp_path, limits, asking(CHAIN, PLANNING)) as bench:
        project = await bench.ended()
        assert (project.status, project.plan) == (ProjectStatus.WAITING, None)
        await bench.questions.settle((await open_question(bench)).id, "ann", ANSWERED, "The blue one")
        ended = await bench.ended(project)
    assert (ended.status, ended.plan) == (ProjectStatus.COMPLETED, CHAIN)
    (_, again) = bench.members[TeamRole.COORDINATION].tasks
    assert again.pause is not None
    assert again.pause.decisions == {0: Decision(granted=True, text="The blue one")}


async def test_a_restart_in_between_loses_nothing(tmp_path: Path, limits: AgentLimits) -> None:
    store = MemoryProjectStore()
    async with team(tmp_path, limits, asking(CHAIN, "b", times=2), store) as first:
        project = await first.ended()
    async with team(tmp_path, limits, asking(CHAIN, "b", times=2), store) as second:
        assert (await second.projects.get(project.id, "ann")).status is ProjectStatus.WAITING
        await second.questions.settle((await open_question(second)).id, "ann", ANSWERED, "one")
        assert (await second.ended(project)).status is ProjectStatus.WAITING
    async with team(tmp_path, limits, asking(CHAIN, "b", times=2), store) as third:
        await third.questions.settle((await open_question(third)).id, "ann", ANSWERED, "two")
        ended = await third.ended(project)
    assert (first.did(), second.did(), third.did()) == (["a", "b"], ["b"], ["b", "c"])
    assert ended.state("b").result == StepResult(text="True one; True two", sources=("b",))


async def test_a_run_that_is_interrupted_after_the_answer_asks_nothing_again(
    tmp_path: Path, limits: AgentLimits
) -> None:
    store = MemoryProjectStore()

    async def hanging(assignment: TaskAssigned) -> StepResult | Plan:
        if assignment.pause is not None:
            await asyncio.Event().wait()
        return await asking(CHAIN, "b")(assignment)

    async with team(tmp_path, limits, hanging, store) as first:
        project = await first.ended()
        first.members[TeamRole.ANALYSIS].began.clear()
        await first.questions.settle((await open_question(first)).id, "ann", ANSWERED, "one")
        async with asyncio.timeout(30):
            await first.members[TeamRole.ANALYSIS].began.wait()
    async with team(tmp_path, limits, asking(CHAIN, "b"), store) as second:
        assert (await second.projects.get(project.id, "ann")).status is ProjectStatus.INTERRUPTED
        ended = await second.ended(await second.projects.resume(project.id, "ann"))
    assert ended.state("b").result == StepResult(text="True one", sources=("b",))
    assert len(store.asked) == 1


async def test_other_steps_go_on_meanwhile_and_an_answer_is_taken_up_at_once(
    tmp_path: Path, limits: AgentLimits
) -> None:
    release = asyncio.Event()

    async def behave(assignment: TaskAssigned) -> StepResult | Plan:
        if assignment.step_id == "b":
            await release.wait()
        if assignment.step_id == "a" and assignment.pause is not None:
            release.set()
        return await asking(FORK, "a")(assignment)

    async with team(tmp_path, limits, behave) as bench:
        project = await bench.started()
        async with asyncio.timeout(30):
            while not (waiting := await bench.questions.waiting("ann", 10)):
                await bench.office.signals.of(project.id).wait()
        assert (await bench.projects.get(project.id, "ann")).status is ProjectStatus.RUNNING  # b is at work
        await bench.questions.settle(waiting[0].id, "ann", ANSWERED, "one")
        ended = await bench.ended(project)
    assert (ended.status, ended.runs) == (ProjectStatus.COMPLETED, 1)


async def test_of_many_answers_at_the_same_time_one_holds_and_the_step_goes_on_once(
    tmp_path: Path, limits: AgentLimits
) -> None:
    store = MemoryProjectStore()
    async with team(tmp_path, limits, asking(CHAIN, "b"), store) as first:
        project = await first.ended()
        question = await open_question(first)
    (folder := tmp_path / "other").mkdir()
    async with (
        team(tmp_path, limits, asking(CHAIN, "b"), store) as one,
        team(folder, limits, asking(CHAIN, "b"), store) as other,
    ):
        said = [
            bench.questions.settle(question.id, "ann", ANSWERED, str(n)) for n in range(3) for bench in (one, other)
        ]
        results = await asyncio.gather(*said, one.questions.sweep(), other.questions.sweep(), return_exceptions=True)
        held = [result for result in results if isinstance(result, Question)]
        assert (len(held), sum(isinstance(result, ProjectConflictError) for result in results)) == (1, 5)
        for bench in (one, other):
            await bench.projects.wait(project.id, 30)
        ended = await one.projects.get(project.id, "ann")
    assert sorted(one.did() + other.did()) == ["b", "c"]
    assert ended.state("b").result == StepResult(text=f"True {held[0].answer}", sources=("b",))


async def test_an_answer_that_comes_while_the_run_ends_is_not_forgotten(tmp_path: Path, limits: AgentLimits) -> None:
    class Late(MemoryProjectStore):
        """Gets the answer when the project is about to wait, after the run looked for it the last time."""

        async def release(self, project_id: str, token: str) -> None:
            for question in await self.open_questions(None, 10):
                await self.settle(question.id, ANSWERED, "late")
            await super().release(project_id, token)

    async with team(tmp_path, limits, asking(CHAIN, "b"), Late()) as bench:
        project = await bench.started()
        for _ in range(2):
            await bench.projects.wait(project.id, 30)
        ended = await bench.ended(project)
    assert (ended.status, ended.runs) == (ProjectStatus.COMPLETED, 2)


async def test_what_nobody_answers_in_time_is_refused(tmp_path: Path, limits: AgentLimits) -> None:
    store = MemoryProjectStore()
    async with team(tmp_path, limits, asking(CHAIN, "b"), store) as first:
        project = await first.ended()
        await first.questions.sweep()
        question = await open_question(first)  # there is time left
    past = datetime.now(UTC) - timedelta(seconds=1)
    store.asked[question.id] = question.model_copy(update={"due_at": past})
    async with team(tmp_path, limits, asking(CHAIN, "b"), store) as second:
        await second.questions.sweep()
        ended = await second.ended(project)
        with pytest.raises(ProjectConflictError):
            await second.questions.settle(question.id, "ann", ANSWERED, "too late")
    assert ended.state("b").result == StepResult(text="False Nobody answered in time.", sources=("b",))
    assert second.counted("agent_project_questions_total", outcome="expired") == 1


@pytest.mark.parametrize(("step_id", "status"), [("b", ProjectStatus.PARTIAL), (PLANNING, ProjectStatus.COMPLETED)])
async def test_or_its_step_fails(tmp_path: Path, limits: AgentLimits, step_id: str, status: ProjectStatus) -> None:
    hurried = limits.model_copy(update={"unanswered": "fail", "question_timeout": 0.0001})
    async with team(tmp_path, hurried, asking(CHAIN, step_id)) as bench:
        project = await bench.ended()
        await bench.questions.sweep()
        ended = await bench.ended(project)
    assert ended.status is status  # without a plan the usual one is followed
    if step_id == "b":
        assert (ended.state("b").status, ended.state("b").why) == (StepStatus.FAILED, "nobody answered in time")


async def test_a_step_that_asks_too_much_fails(tmp_path: Path, limits: AgentLimits) -> None:
    shy = limits.model_copy(update={"max_questions": 1})
    async with team(tmp_path, shy, asking(CHAIN, "b", times=2)) as bench:
        project = await bench.ended()
        await bench.questions.settle((await open_question(bench)).id, "ann", ANSWERED, "one")
        ended = await bench.ended(project)
    assert ended.state("b").why == "a project may ask no more than 1 questions"


async def test_only_the_owner_is_asked_and_may_answer(tmp_path: Path, limits: AgentLimits) -> None:
    async with team(tmp_path, limits, asking(CHAIN, "b")) as bench:
        await bench.ended()
        question = await open_question(bench)
        assert await bench.questions.waiting("bob", 10) == []
        assert (await open_question(bench, None)).id == question.id  # whoever may see everybody's
        for call in (bench.questions.get(question.id, "bob"), bench.questions.get("f" * 32, "ann")):
            with pytest.raises(QuestionNotFoundError):
                await call
        with pytest.raises(QuestionNotFoundError):
            await bench.questions.settle(question.id, "bob", ANSWERED, "mine")


async def test_a_waiting_project_can_be_cancelled_and_nothing_else(tmp_path: Path, limits: AgentLimits) -> None:
    async with team(tmp_path, limits, asking(FORK, "a", "b")) as bench:
        project = await bench.ended()
        with pytest.raises(ProjectConflictError):
            await bench.projects.resume(project.id, "ann")
        asked = await bench.questions.waiting("ann", 10)
        assert len(asked) == 2
        cancelled = await bench.projects.cancel(project.id, "ann")
        assert {state.status for state in cancelled.steps.values()} == {StepStatus.SKIPPED}
        with pytest.raises(ProjectConflictError):
            await bench.questions.settle(asked[0].id, "ann", ANSWERED, "too late")
        assert (await bench.questions.get(asked[1].id, "ann")).status is QuestionStatus.WITHDRAWN


async def test_a_project_that_is_answered_while_it_is_cancelled_is_cancelled(
    tmp_path: Path, limits: AgentLimits
) -> None:
    class Crossing(MemoryProjectStore):
        """Gets the answer in the middle of cancelling."""

        async def take_over(
            self, project_id: str, token: str, lease: float, allowed: Collection[ProjectStatus] = RESUMABLE
        ) -> Project:
            if ProjectStatus.INTERRUPTED in allowed:
                await bench.questions.settle((await open_question(bench)).id, "ann", ANSWERED, "one")
            return await super().take_over(project_id, token, lease, allowed)

    async def behave(assignment: TaskAssigned) -> StepResult | Plan:
        if assignment.pause is not None:
            await asyncio.Event().wait()
        return await asking(CHAIN, "b")(assignment)

    async with team(tmp_path, limits, behave, Crossing()) as bench:
        project = await bench.ended()
        assert (await bench.projects.cancel(project.id, "ann")).status is ProjectStatus.CANCELLED


@pytest.mark.parametrize("plan_first", [True, False])
async def test_a_cancelled_one_that_is_resumed_asks_again(
    tmp_path: Path, limits: AgentLimits, *, plan_first: bool
) -> None:
    async with team(tmp_path, limits, asking(CHAIN, "a" if plan_first else PLANNING)) as bench:
        project = await bench.ended()
        await bench.projects.cancel(project.id, "ann")
        again = await bench.ended(await bench.projects.resume(project.id, "ann"))
        assert again.status is ProjectStatus.WAITING
        await bench.questions.settle((await open_question(bench)).id, "ann", ANSWERED, "one")
        assert (await bench.ended(project)).status is ProjectStatus.COMPLETED


async def test_an_answer_to_a_full_team_is_kept_until_there_is_room(tmp_path: Path, limits: AgentLimits) -> None:
    one = limits.model_copy(update={"max_projects": 1})
    let = asyncio.Event()

    async def behave(assignment: TaskAssigned) -> StepResult | Plan:
        if assignment.owner == "bob":
            await let.wait()
        return await asking(CHAIN, "b" if assignment.owner == "ann" else "none")(assignment)

    async with team(tmp_path, one, behave) as bench:
        project = await bench.ended()
        other = await bench.started(owner="bob")
        await bench.questions.settle((await open_question(bench)).id, "ann", ANSWERED, "one")
        await bench.questions.sweep()
        assert (await bench.projects.get(project.id, "ann")).status is ProjectStatus.WAITING
        let.set()
        await bench.ended(other)
        await bench.questions.sweep()
        assert (await bench.ended(project)).status is ProjectStatus.COMPLETED


async def test_who_stops_takes_answers_and_leaves_the_work_to_others(tmp_path: Path, limits: AgentLimits) -> None:
    store = MemoryProjectStore()
    async with team(tmp_path, limits, asking(CHAIN, "b"), store) as first:
        project = await first.ended()
        question = await open_question(first)
    with suppress(ShuttingDownError):
        await first.questions.settle(question.id, "ann", ANSWERED, "one")
    assert (await store.get(project.id) or project).status is ProjectStatus.WAITING
    async with team(tmp_path, limits, asking(CHAIN, "b"), store) as second:
        await second.questions.sweep()
        assert (await second.ended(project)).status is ProjectStatus.COMPLETED


def test_a_sweep_comes_often_enough_for_the_shortest_deadline(limits: AgentLimits) -> None:
    assert limits.question_timeout > questions.SWEEP_SECONDS * 10


def test_what_a_client_sees_names_what_it_waits_for() -> None:
    assert Project(owner="ann", goal="x", correlation_id="c").questions == 0
