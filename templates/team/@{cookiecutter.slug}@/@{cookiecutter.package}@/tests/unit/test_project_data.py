"""Projects as data about people: told, erased, deleted after their time, encrypted anew."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text, update

from ...config.secrets import FixedSecret, encryption_keys
from ...config.settings import Settings
from ...exceptions import StoreError
from ...exceptions.projects import LeaseLostError
from ...interfaces.project_store import Progress
from ...models.project import Project, ProjectStatus
from ...models.project_events import StatusChanged
from ...models.tables.projects import ProjectRow
from ...services import personal_data, project_data
from ...services.project_data import ProjectData
from ...services.project_rows import ProjectRows
from ...services.project_store import SqlProjectStore
from ...services.question_store import SqlQuestionStore
from ...services.resources import build_resources
from ...services.store import Store
from ...utils.encryption import Cipher, new_key
from ..fixtures.store import empty_store
from ..fixtures.team import CHAIN
from .test_project_store import DONE, LONG, asking, project

OLD, NEW = new_key(), new_key()
TABLES = ("projects", "project_steps", "project_events", "project_questions")


@pytest.fixture
async def sql(tmp_path: Path) -> AsyncIterator[Store]:
    async with empty_store(tmp_path).opened() as store:
        yield store


def rows(*keys: str) -> ProjectRows:
    return ProjectRows(Cipher(FixedSecret("\n".join(keys))))


async def kept(store: SqlProjectStore, owner: str = "ann") -> Project:
    """Keep a project with a step, an event and a question."""
    one = project(owner).model_copy(update={"plan": CHAIN}).having({"a": DONE})
    await store.create(one, "t1", LONG, None)
    events = (StatusChanged(status=ProjectStatus.RUNNING),)
    progress = Progress(project=one, changed=frozenset({"a"}), events=events, asked=(asking(one),))
    await store.save(progress, "t1", LONG)
    return one


async def count(sql: Store, table: str) -> int:
    async with sql.reading() as session:
        return int((await session.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one())


async def test_everything_of_somebody_is_told(sql: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(project_data, "AT_ONCE", 2)
    store, data = SqlProjectStore(sql, rows(OLD)), ProjectData(sql, rows(OLD), 30)
    made = [await kept(store) for _ in range(5)]
    await kept(store, "bob")
    told = [one async for one in data.of("ann")]
    assert sorted(one.id for one in told) == sorted(one.id for one in made)
    assert told[0].state("a") == DONE


async def test_erasing_leaves_nothing_and_ends_what_runs(sql: Store) -> None:
    store, data = SqlProjectStore(sql, rows(OLD)), ProjectData(sql, rows(OLD), 30)
    one, other = await kept(store), await kept(store, "bob")
    assert await data.delete("ann") == 1
    assert await store.get(one.id) is None
    assert await store.get(other.id) == other
    assert [await count(sql, table) for table in TABLES] == [1, 1, 1, 1]
    with pytest.raises(LeaseLostError):
        await store.save(Progress(project=one), "t1", LONG)


async def test_only_what_has_been_kept_long_enough_is_deleted(sql: Store) -> None:
    store, data = SqlProjectStore(sql, rows(OLD)), ProjectData(sql, rows(OLD), 30)
    old, recent = await kept(store), await kept(store)
    long_ago = datetime.now(UTC) - timedelta(days=31)
    async with sql.transaction() as session:
        await session.execute(update(ProjectRow).where(ProjectRow.id == old.id).values(updated_at=long_ago))
    assert await data.delete_old() == 1
    assert await store.get(old.id) is None
    assert await store.get(recent.id) == recent


async def test_the_keys_can_be_changed(sql: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(project_data, "AT_ONCE", 1)
    store = SqlProjectStore(sql, rows(OLD))
    made = [await kept(store) for _ in range(2)]
    assert await ProjectData(sql, rows(NEW, OLD), 30).renew_encryption() == 2
    later = SqlProjectStore(sql, rows(NEW))
    assert [await later.get(one.id) for one in made] == made
    assert len(await later.events(made[0].id, 0)) == 1
    ((question,),) = [await SqlQuestionStore(sql, rows(NEW)).open_questions("ann", 1)]
    assert question.text == "a secret question"
    with pytest.raises(StoreError):
        await store.get(made[0].id)


async def test_what_is_moved_to_another_row_cannot_be_read(sql: Store) -> None:
    store = SqlProjectStore(sql, rows(OLD))
    one, other = await kept(store), await kept(store, "bob")
    move = text("UPDATE projects SET content = (SELECT content FROM projects WHERE id = :a) WHERE id = :b")
    async with sql.transaction() as session:
        await session.execute(move, {"a": other.id, "b": one.id})
    with pytest.raises(StoreError, match="cannot be decrypted"):
        await store.get(one.id)


async def test_the_services_own_commands_reach_projects(settings: Settings) -> None:
    resources = build_resources(settings)
    async with resources.store.opened():
        (holder,) = (one for one in personal_data.holders(resources) if one.name == "projects")
        made = await kept(SqlProjectStore(resources.store, ProjectRows(Cipher(encryption_keys(settings)))))
        (told,) = [record async for record in holder.export("ann")]
        assert (told["id"], told["goal"]) == (made.id, "a secret goal")
        assert "a secret question" in str(told["asked"])
        assert [await holder.sweep(), await holder.erase("ann")] == [0, 1]
        assert [record async for record in holder.export("ann")] == []
