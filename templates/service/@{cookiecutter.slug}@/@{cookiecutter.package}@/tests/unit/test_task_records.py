"""Tasks in the store: who may work on which, and what becomes of them."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from ...config.secrets import FixedSecret
from ...exceptions import DependencyUnavailableError, OverloadedError
from ...exceptions.exchange import ConflictError, NotFoundError
from ...models.answer import Answer, Question
from ...models.identity import Identity
from ...models.tasks import Task, TaskRequest, TaskStatus
from ...services import task_records as task_records_module
from ...services import tasks as tasks_module
from ...services.announcing import Announcer
from ...services.event_hub import EventHub
from ...services.memory_queue import MemoryQueue
from ...services.personal_data.tasks import TaskData
from ...services.service_tools import TOOLS
from ...services.store import Store
from ...services.task_records import TaskRecords
from ...services.tasks import TaskService
from ...utils.encryption import Cipher
from ..fixtures.exchange import task_records
from ..fixtures.messaging import make_metrics
from ..fixtures.service import DATA_KEY
from ..fixtures.store import empty_store

QUESTION = Question(question="Why?")
REQUEST = TaskRequest(question=QUESTION.question)
ANSWER = Answer(agent_id="a-v1", agent_version="1.0.0", output={"answer_text": "Because."})
ANN = Identity("ann")


def soon(seconds: float = 60) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with empty_store(tmp_path).opened() as store:
        yield store


@pytest.fixture
def records(store: Store) -> TaskRecords:
    return task_records(store)


async def added(records: TaskRecords, due_at: datetime | None = None) -> Task:
    task, _ = await records.add(QUESTION, "ann", None, due_at or soon())
    return task


async def test_a_task_is_claimed_by_one_message_only(records: TaskRecords) -> None:
    task = await added(records)
    claims = await asyncio.gather(*(records.claim(task.id, f"{number}#1", soon()) for number in range(8)))
    (work,) = [claim for claim in claims if claim is not None]
    assert (work.wanted, work.task.status, work.task.attempts) == (QUESTION, TaskStatus.RUNNING, 1)
    assert work.before is TaskStatus.QUEUED


async def test_the_message_of_a_dead_worker_claims_its_task_again_and_the_worker_comes_too_late(
    records: TaskRecords,
) -> None:
    task = await added(records)
    await records.claim(task.id, "one#1", soon())
    again = await records.claim(task.id, "one#2", soon())
    assert again is not None
    assert (again.before, again.task.attempts) == (TaskStatus.RUNNING, 2)
    assert await records.postpone(task.id, "one#1", "it was not dead", soon()) is None
    assert (await records.get(task.id)).status is TaskStatus.RUNNING


async def test_an_ended_task_stays_as_it_is(records: TaskRecords) -> None:
    task = await added(records)
    await records.claim(task.id, "one", soon())
    done = await records.succeed(task.id, ANSWER)
    assert done is not None
    assert (done.before, done.task.answer) == (TaskStatus.RUNNING, ANSWER)
    assert await records.claim(task.id, "one", soon()) is None
    assert await records.succeed(task.id, ANSWER) is None
    assert await records.postpone(task.id, "one", "late", soon()) is None
    assert await records.fail(task.id, "one", "late") is None
    assert (await records.get(task.id)).status is TaskStatus.SUCCEEDED
    with pytest.raises(ConflictError, match="succeeded"):
        await records.revive(task.id, soon())


async def test_a_task_that_is_not_there(records: TaskRecords) -> None:
    assert await records.claim("0" * 32, "one", soon()) is None
    with pytest.raises(NotFoundError):
        await records.get("0" * 32)


async def test_lost_tasks_are_found_once(records: TaskRecords) -> None:
    late, early = await added(records, soon(-1)), await added(records)
    dead = await added(records)
    await records.claim(dead.id, "one", soon(-1))
    due_at = soon()
    assert len(await records.lost(due_at)) == 2
    assert await records.lost(due_at) == ()
    queued = await records.lost(soon(120), all_queued=True)
    assert [task.id for task in queued] == [late.id, early.id, dead.id]


@pytest.mark.parametrize("attempts", [1, 2])
async def test_a_task_whose_worker_died_with_its_message_is_worked_on_again_or_given_up(
    records: TaskRecords, attempts: int
) -> None:
    task = await added(records)
    for number in range(attempts):
        assert await records.claim(task.id, f"{number}#1", soon(-1)) is not None
        (lost,) = await records.lost(soon())
        assert (lost.id, lost.attempts) == (task.id, number + 1)
    assert await records.succeed(task.id, ANSWER) is None  # somebody else will
    ended = await records.fail(task.id, "another#3", "Its last worker died.")
    assert ended is not None
    assert ended.task.status is TaskStatus.FAILED


class Away(MemoryQueue):
    """Cannot be reached."""

    async def send(self, *_: object) -> None:
        raise DependencyUnavailableError("away")


class Deaf(EventHub):
    """Cannot be reached."""

    async def publish(self, *_: object) -> None:
        raise DependencyUnavailableError("away")


async def test_a_task_is_accepted_while_bus_and_queue_are_away_and_sent_when_they_are_back(
    records: TaskRecords, monkeypatch: pytest.MonkeyPatch
) -> None:
    metrics = make_metrics()
    away = TaskService(records, Away(), Announcer(Deaf(1, metrics), metrics), 10, TOOLS)
    monkeypatch.setattr(tasks_module, "SENT_AGAIN_AFTER", timedelta(seconds=-1))
    task, new = await away.submit(REQUEST, ANN, "key")
    assert new
    queue = MemoryQueue()
    back = TaskService(records, queue, Announcer(EventHub(1, metrics), metrics), 10, TOOLS)
    await back.recover()
    await back.recover()
    delivery = await queue.receive(0.01)
    assert delivery is not None
    assert delivery.message.body == {"task_id": task.id}
    assert await queue.receive(0.01) is None


async def test_no_more_tasks_than_allowed_are_unfinished(records: TaskRecords) -> None:
    metrics = make_metrics()
    tasks = TaskService(records, MemoryQueue(), Announcer(EventHub(1, metrics), metrics), 2, TOOLS)
    for key in ("one", "two"):
        task, _ = await tasks.submit(REQUEST, ANN, key)
    with pytest.raises(OverloadedError):
        await tasks.submit(REQUEST, ANN, "three")
    await tasks.count_unfinished()
    with pytest.raises(OverloadedError):
        await tasks.submit(REQUEST, ANN, "three")
    await records.claim(task.id, "one#1", soon())
    await records.succeed(task.id, ANSWER)
    await tasks.count_unfinished()
    assert (await tasks.submit(REQUEST, ANN, "three"))[1]


async def test_personal_data_is_told_erased_and_deleted_after_its_time(
    records: TaskRecords, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(task_records_module, "BATCH", 2)
    place = TaskData(records, timedelta(days=30))
    for _ in range(3):
        task = await added(records)
    await records.claim(task.id, "one", soon())
    await records.succeed(task.id, ANSWER)
    told = [entry async for entry in place.export("ann")]
    assert [entry["question"] for entry in told] == ["Why?"] * 3
    assert sum(entry["answer"] is not None for entry in told) == 1
    assert [entry async for entry in place.export("bob")] == []
    assert await place.sweep() == 0
    assert await TaskData(records, timedelta(seconds=-1)).sweep() == 1  # what has not ended stays
    assert await place.erase("ann") == 2
    assert [entry async for entry in place.export("ann")] == []


async def test_the_encryption_key_can_be_changed(
    store: Store, records: TaskRecords, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(task_records_module, "BATCH", 2)
    tasks = [await added(records) for _ in range(3)]
    await records.claim(tasks[0].id, "one", soon())
    await records.succeed(tasks[0].id, ANSWER)
    new_key = Fernet.generate_key().decode()
    both = TaskRecords(store, Cipher(FixedSecret(f"{new_key}\n{DATA_KEY}")))
    assert await TaskData(both, timedelta(days=30)).renew_encryption() == 3
    only_new = TaskRecords(store, Cipher(FixedSecret(new_key)))
    assert [work.wanted async for work in only_new.works("ann")] == [QUESTION] * 3
    assert (await only_new.get(tasks[0].id)).answer == ANSWER
