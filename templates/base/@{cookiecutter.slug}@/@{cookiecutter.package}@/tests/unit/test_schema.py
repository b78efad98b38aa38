"""The tables: every step forth and back, and no difference to what the code expects."""

import asyncio
import re
from functools import partial
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from ...exceptions import ConfigurationError
from ...services import schema
from ..fixtures.store import empty_store, make_store


def tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names()) - {"alembic_version"}


async def test_all_steps_forth_back_and_forth_again(tmp_path: Path) -> None:
    async with make_store(tmp_path).opened() as store:
        made = await store.run(tables)
        assert made
        await store.run(partial(schema.downgrade, revision="base"))
        assert await store.run(tables) == set()
        await store.run(schema.upgrade)
        assert await store.run(tables) == made


async def test_each_step_can_be_taken_back_alone(tmp_path: Path) -> None:
    async with empty_store(tmp_path).opened() as store:
        for head in await store.run(heads):
            before = await store.run(tables)
            assert await store.run(partial(schema.downgrade, revision=f"{head}-1")) == [head]
            assert await store.run(schema.drift)
            assert await store.run(schema.pending) == [head]
            await store.run(schema.upgrade)
            assert await store.run(tables) == before


async def test_a_branch_is_taken_back_alone(tmp_path: Path) -> None:
    async with empty_store(tmp_path).opened() as store:
        back = await store.run(partial(schema.downgrade, revision="base@base"))
        assert back
        assert {step.rpartition("_")[0] for step in back} == {"base"}
        assert await store.run(schema.pending) == back
        assert await store.run(partial(schema.downgrade, revision="base@base")) == []


async def test_the_tables_are_what_the_code_expects(tmp_path: Path) -> None:
    async with empty_store(tmp_path).opened() as store:
        assert await store.run(schema.pending) == []
        assert await store.run(schema.drift) == []


async def test_a_difference_is_found(tmp_path: Path) -> None:
    async with empty_store(tmp_path).opened() as store:
        await store.run(lambda connection: connection.execute(text("DROP INDEX ix_session_turns_time")))
        assert len(await store.run(schema.drift)) == 1


async def test_a_store_that_is_ahead_is_good_enough(tmp_path: Path) -> None:
    async with empty_store(tmp_path).opened() as store:
        await store.run(
            lambda connection: connection.execute(
                text("UPDATE alembic_version SET version_num = 'base_9999' WHERE version_num LIKE 'base_%'")
            )
        )
        assert await store.run(schema.pending) == []


@pytest.mark.parametrize("revision", ["nowhere", "-1", "base_0001-0", "base_0001-2", "base_0001-x", "other@base", ""])
async def test_a_step_that_is_not_known_is_an_error(tmp_path: Path, revision: str) -> None:
    async with empty_store(tmp_path).opened() as store:
        with pytest.raises(ConfigurationError, match="there is no step"):
            await store.run(partial(schema.downgrade, revision=revision))
        assert await store.run(schema.pending) == []


async def test_two_processes_that_start_together_take_each_step_once(tmp_path: Path) -> None:
    async def start() -> list[str]:
        async with make_store(tmp_path).opened() as store:
            return await store.run(schema.pending)

    assert await asyncio.gather(*(start() for _ in range(4))) == [[]] * 4


def heads(connection: Connection) -> list[str]:
    return [row[0] for row in connection.execute(text("SELECT version_num FROM alembic_version"))]


def test_steps_are_named_by_branch_and_number() -> None:
    """By its name an older version knows the branch of a step that only a newer one has."""
    script = ScriptDirectory(str(schema.MIGRATIONS))
    names = [step.revision for step in script.walk_revisions()]
    assert [name for name in names if not re.fullmatch(r"[a-z]+_\d{4}", name)] == []
