import asyncio
import sqlite3
import time
from pathlib import Path

import aiosqlite
import pytest
from sqlalchemy import text

from ...services.sqlite_connection import SqliteConnection
from ..fixtures.store import embedded_only, empty_store

KEEP = text(
    "INSERT INTO session_turns (subject, session_id, question, answer, correlation_id, time) "
    "VALUES (:subject, 's', 'q', 'a', 'c', '2026-01-01') RETURNING subject"
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "store.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE things (name)")
    connection.close()
    return path


def test_it_is_set_up_when_it_is_made(file: Path) -> None:
    connection = SqliteConnection(file)
    found = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")]
    connection.close()
    assert found == ["wal", 1]


def test_a_statement_that_nobody_read_ends_with_its_connection(file: Path) -> None:
    closed, other = SqliteConnection(file, isolation_level=None), SqliteConnection(file, timeout=0)
    closed.execute("BEGIN IMMEDIATE")
    unread = closed.cursor().execute("INSERT INTO things VALUES ('a'), ('b') RETURNING name")
    closed.close()
    with other:
        other.execute("INSERT INTO things VALUES ('c')")
    assert other.execute("SELECT name FROM things").fetchall() == [("c",)]
    other.close()
    del unread


def test_it_waits_for_others_that_switch(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    monkeypatch.setattr(time, "sleep", lambda _: other.close())
    SqliteConnection(file, timeout=0).close()


def test_it_does_not_wait_for_what_is_no_lock(tmp_path: Path) -> None:
    (tmp_path / "store.db").write_text("no database" * 100)
    with pytest.raises(sqlite3.DatabaseError, match="not a database"):
        SqliteConnection(tmp_path / "store.db")


@embedded_only
async def test_who_is_cancelled_before_reading_what_came_leaves_no_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = asyncio.Event()

    async def stuck(_: aiosqlite.Cursor) -> None:
        asked.set()
        await asyncio.Event().wait()

    async with empty_store(tmp_path, statement_timeout=0.2).opened() as store:

        async def keep(subject: str) -> str:
            async with store.transaction() as session:
                return str((await session.execute(KEEP, {"subject": subject})).scalar_one())

        with monkeypatch.context() as patch:
            patch.setattr(aiosqlite.Cursor, "fetchall", stuck)
            keeping = asyncio.create_task(keep("ann"))
            await asked.wait()
            keeping.cancel()
            with pytest.raises(asyncio.CancelledError) as caught:
                await keeping
        assert await keep("bob") == "bob"
        assert caught.tb is not None  # all that hangs on it is still there
