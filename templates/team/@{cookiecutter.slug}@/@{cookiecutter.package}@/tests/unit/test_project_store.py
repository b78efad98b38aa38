"""What every store of projects promises: the SQL store, and the one in memory that other tests use."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from ...config.secrets import FixedSecret
from ...exceptions.projects import IdempotencyError, LeaseLostError, ProjectConflictError
from ...interfaces.project_store import IdempotencyKey, Progress, ProjectStore
from ...models.messages import StepResult, new_id
from ...models.pause import QuestionKind
from ...models.project import Project, ProjectAnswer, ProjectStatus, StepState, StepStatus
from ...models.project_events import StatusChanged
from ...models.questions import Question, QuestionStatus
from ...services.project_rows import ProjectRows
from ...services.project_store import SqlProjectStore
from ...services.question_store import SqlQuestionStore
from ...services.store import Store
from ...utils.encryption import Cipher, new_key
from ..fixtures.store import empty_store
from ..fixtures.team import CHAIN, MemoryProjectStore

DONE = StepState(status=StepStatus.COMPLETED, result=StepResult(text="a secret finding", sources=("returns",)))
KEY = IdempotencyKey("key-1", "d" * 64)
LONG = 60.0


@pytest.fixture
async def sql(tmp_path: Path) -> AsyncIterator[Store]:
    async with empty_store(tmp_path).opened() as store:
        yield store


class SqlStores(SqlProjectStore, SqlQuestionStore):
    """Both in one, as the one in memory is."""


Both = SqlStores | MemoryProjectStore


@pytest.fixture
def sql_store(sql: Store) -> SqlStores:
    return SqlStores(sql, ProjectRows(Cipher(FixedSecret(new_key()))))


@pytest.fixture(params=["sql", "memory"])
def store(request: pytest.FixtureRequest) -> Both:
    found: SqlStores | None = request.getfixturevalue("sql_store") if request.param == "sql" else None
    return found or MemoryProjectStore()


def project(owner: str = "ann") -> Project:
    return Project(owner=owner, goal="a secret goal", correlation_id="c1")


def finished(one: Project, status: ProjectStatus = ProjectStatus.COMPLETED) -> Project:
    return one.model_copy(update={"status": status, "answer": ProjectAnswer(text="a secret answer")})


async def test_what_is_kept_comes_back_whole(store: ProjectStore) -> None:
    one = project()
    await store.create(one, "t1", LONG, None)
    assert await store.get(one.id) == one
    planned = one.model_copy(update={"plan": CHAIN}).having({"a": DONE})
    await store.save(Progress(project=planned, changed=frozenset({"a"})), "t1", LONG)
    assert await store.get(one.id) == planned
    done = finished(planned)
    await store.save(Progress(project=done), "t1", LONG)
    assert await store.get(one.id) == done
    assert await store.get(new_id()) is None


async def test_a_step_that_is_done_again_takes_the_place_of_the_first(store: ProjectStore) -> None:
    one = project().model_copy(update={"plan": CHAIN})
    await store.create(one, "t1", LONG, None)
    for state in (StepState(status=StepStatus.FAILED, why="no"), DONE):
        one = one.having({"a": state})
        await store.save(Progress(project=one, changed=frozenset({"a"})), "t1", LONG)
    assert (await store.get(one.id) or one).state("a") == DONE


async def test_events_are_numbered_over_all_runs(store: ProjectStore) -> None:
    one = project()
    await store.create(one, "t1", LONG, None)
    told = [StatusChanged(status=status) for status in (ProjectStatus.RUNNING, ProjectStatus.PARTIAL)]
    for event in told:
        await store.save(Progress(project=one, events=(event,)), "t1", LONG)
    assert [(one.number, one.event) for one in await store.events(one.id, 0)] == [(1, told[0]), (2, told[1])]
    assert [one.number for one in await store.events(one.id, 1)] == [2]


async def test_the_same_key_makes_one_project(store: ProjectStore) -> None:
    first = await store.create(project(), "t1", LONG, KEY)
    assert (await store.create(project(), "t2", LONG, KEY)).id == first.id
    assert (await store.create(project("bob"), "t3", LONG, KEY)).id != first.id
    with pytest.raises(IdempotencyError):
        await store.create(project(), "t4", LONG, IdempotencyKey(KEY.key, "e" * 64))


async def test_the_same_key_at_the_same_time_makes_one_project(sql_store: SqlStores) -> None:
    made = await asyncio.gather(*(sql_store.create(project(), new_id(), LONG, KEY) for _ in range(5)))
    assert len({one.id for one in made}) == 1


async def test_without_a_key_each_request_makes_one(store: ProjectStore) -> None:
    for _ in range(2):
        await store.create(project(), "t1", LONG, None)
    assert len(await store.owned_by("ann", 10)) == 2


async def test_the_newest_come_first_and_only_the_owners(store: ProjectStore) -> None:
    made = [project(), project("bob"), project()]
    for one in made:
        await store.create(one, "t1", LONG, None)
    assert [one.id for one in await store.owned_by("ann", 10)] == [made[2].id, made[0].id]
    assert [one.id for one in await store.owned_by("ann", 1)] == [made[2].id]


async def test_only_who_holds_the_lease_may_write(store: ProjectStore) -> None:
    one = project()
    await store.create(one, "t1", LONG, None)
    for write in (
        store.save(Progress(project=one), "t2", LONG),
        store.renew(one.id, "t2", LONG),
    ):
        with pytest.raises(LeaseLostError):
            await write
    await store.release(one.id, "t2")  # not held: nothing happens
    assert await store.renew(one.id, "t1", LONG) is False


async def test_what_runs_cannot_be_taken_over(store: ProjectStore) -> None:
    one = project()
    await store.create(one, "t1", LONG, None)
    with pytest.raises(ProjectConflictError):
        await store.take_over(one.id, "t2", LONG)
    with pytest.raises(ProjectConflictError):
        await store.take_over(new_id(), "t2", LONG)


async def test_what_nobody_holds_is_interrupted_and_can_be_taken_over_once(store: ProjectStore) -> None:
    one = project()
    await store.create(one, "t1", LONG, None)
    await store.request_cancel(one.id)
    assert await store.renew(one.id, "t1", LONG) is True
    await store.release(one.id, "t1")
    assert (await store.get(one.id) or one).status is ProjectStatus.INTERRUPTED
    taken = await store.take_over(one.id, "t2", LONG)
    assert (taken.status, taken.runs) == (ProjectStatus.RUNNING, 2)
    assert await store.renew(one.id, "t2", LONG) is False  # the wish to cancel was for the run before
    with pytest.raises(ProjectConflictError):
        await store.take_over(one.id, "t3", LONG)
    with pytest.raises(LeaseLostError):
        await store.save(Progress(project=one), "t1", LONG)


@pytest.mark.parametrize("status", [ProjectStatus.PARTIAL, ProjectStatus.FAILED, ProjectStatus.CANCELLED])
async def test_what_ended_short_can_be_taken_over(store: ProjectStore, status: ProjectStatus) -> None:
    one = project()
    await store.create(one, "t1", LONG, None)
    await store.save(Progress(project=finished(one, status)), "t1", LONG)
    assert (await store.take_over(one.id, "t2", LONG)).status is ProjectStatus.RUNNING


async def test_what_is_completed_cannot(store: ProjectStore) -> None:
    one = project()
    await store.create(one, "t1", LONG, None)
    await store.save(Progress(project=finished(one)), "t1", LONG)
    with pytest.raises(ProjectConflictError):
        await store.take_over(one.id, "t2", LONG)


async def test_of_two_who_take_over_one_wins(sql_store: SqlStores) -> None:
    one = project()
    await sql_store.create(one, "t1", 0.0, None)
    taken = await asyncio.gather(
        *(sql_store.take_over(one.id, token, LONG) for token in ("t2", "t3")), return_exceptions=True
    )
    assert sorted(type(result).__name__ for result in taken) == ["Project", "ProjectConflictError"]


async def test_a_lease_runs_out(sql_store: SqlStores) -> None:
    one = project()
    await sql_store.create(one, "t1", 0.05, None)
    await asyncio.sleep(0.1)
    assert (await sql_store.get(one.id) or one).status is ProjectStatus.INTERRUPTED
    assert await sql_store.renew(one.id, "t1", LONG) is False  # nobody took over: it is still ours
    assert (await sql_store.get(one.id) or one).status is ProjectStatus.RUNNING


async def test_what_was_written_cannot_be_read_in_the_database(sql: Store, sql_store: SqlStores) -> None:
    one = project().model_copy(update={"plan": CHAIN}).having({"a": DONE})
    await sql_store.create(one, "t1", LONG, None)
    event = StatusChanged(status=ProjectStatus.COMPLETED)
    progress = Progress(project=finished(one), changed=frozenset({"a"}), events=(event,), asked=(asking(one),))
    await sql_store.save(progress, "t1", LONG)
    async with sql.reading() as session:
        for table in ("projects", "project_steps", "project_events", "project_questions"):
            rows = (await session.execute(text(f"SELECT * FROM {table}"))).all()
            assert rows
            assert "secret" not in repr(rows)


def asking(one: Project, due: float = LONG) -> Question:
    when = datetime.now(UTC) + timedelta(seconds=due)
    return Question(
        project_id=one.id,
        step_id="a",
        role="research",
        kind=QuestionKind.QUESTION,
        text="a secret question",
        due_at=when,
    )


async def kept_asking(store: ProjectStore, owner: str = "ann", due: float = LONG) -> tuple[Project, Question]:
    """Keep a project that waits for the answer to a question."""
    one = project(owner)
    await store.create(one, "t1", LONG, None)
    question = asking(one, due)
    waiting = one.model_copy(update={"status": ProjectStatus.WAITING, "questions": 1})
    await store.save(Progress(project=waiting, asked=(question,)), "t1", LONG)
    return waiting, question


async def test_a_question_is_kept_found_by_its_owner_and_settled_once(store: Both) -> None:
    one, question = await kept_asking(store)
    assert await store.get(one.id) == one
    assert await store.question(question.id) == question
    assert await store.question(new_id()) is None
    later = (await kept_asking(store, due=2 * LONG))[1]
    await kept_asking(store, "bob")
    assert await store.open_questions("ann", 10) == [question, later]
    assert await store.open_questions("ann", 1) == [question]
    assert len(await store.open_questions(None, 10)) == 3
    settled = await store.settle(question.id, QuestionStatus.ANSWERED, "a secret answer")
    assert (settled.status, settled.answer) == (QuestionStatus.ANSWERED, "a secret answer")
    assert await store.open_questions("ann", 10) == [later]
    with pytest.raises(ProjectConflictError):
        await store.settle(question.id, QuestionStatus.REFUSED, "")
    assert await store.question(question.id) == settled


async def test_a_settled_question_lets_its_project_go_on_until_the_answer_is_taken(store: Both) -> None:
    (one, question), (idle, _) = await kept_asking(store), await kept_asking(store)
    assert await store.able_to_go_on(10) == []
    settled = await store.settle(question.id, QuestionStatus.REFUSED, "no")
    assert (await store.able_to_go_on(10), await store.settled(one.id)) == ([one.id], [settled])
    assert await store.settled(idle.id) == []
    for _ in range(2):  # resumed by nobody but who has the answer, and by one alone
        with pytest.raises(ProjectConflictError):
            await store.take_over(one.id, "t2", LONG)
    running = (await store.take_over(one.id, "t2", LONG, {ProjectStatus.WAITING})).going_on()
    with pytest.raises(ProjectConflictError):
        await store.take_over(one.id, "t3", LONG, {ProjectStatus.WAITING})
    assert await store.able_to_go_on(10) == []
    await store.save(Progress(project=running, taken=frozenset({question.id})), "t2", LONG)
    assert await store.settled(one.id) == []


async def test_questions_are_overdue_when_their_time_is_over(store: Both) -> None:
    late = (await kept_asking(store, due=-1.0))[1]
    await kept_asking(store)
    assert await store.overdue(datetime.now(UTC), 10) == [late.id]
    await store.settle(late.id, QuestionStatus.EXPIRED, "")
    assert await store.overdue(datetime.now(UTC), 10) == []


async def test_what_is_over_asks_nothing_any_more(store: Both) -> None:
    one, question = await kept_asking(store)
    await store.save(Progress(project=finished(one, ProjectStatus.CANCELLED)), "t1", LONG)
    assert ((await store.question(question.id)) or question).status is QuestionStatus.WITHDRAWN
    assert await store.open_questions("ann", 10) == []


async def test_of_many_answers_one_holds(sql_store: SqlStores) -> None:
    _, question = await kept_asking(sql_store)
    answers = (sql_store.settle(question.id, QuestionStatus.ANSWERED, str(number)) for number in range(4))
    results = await asyncio.gather(*answers, return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == [*["ProjectConflictError"] * 3, "Question"]
