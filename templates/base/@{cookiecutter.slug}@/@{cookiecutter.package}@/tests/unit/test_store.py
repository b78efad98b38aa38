import asyncio
import stat
from pathlib import Path

import pytest
import structlog
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from ...exceptions import ConfigurationError, StoreError
from ...services import store as store_module
from ...services.store import Store
from ...services.store_engine import build_engine
from ..fixtures.store import embedded_only, empty_store, make_store, store_settings

INSERT = text(
    "INSERT INTO session_turns (subject, session_id, question, answer, correlation_id, time) "
    "VALUES (:subject, 's', 'q', 'a', 'c', '2026-01-01')"
)
COUNT = text("SELECT count(*) FROM session_turns")


async def count(store: Store) -> int:
    async with store.reading() as session:
        return int((await session.execute(COUNT)).scalar_one())


async def test_a_transaction_is_all_or_nothing(tmp_path: Path) -> None:
    async with empty_store(tmp_path).opened() as store:
        async with store.transaction() as session:
            await session.execute(INSERT, {"subject": "ann"})
        with pytest.raises(RuntimeError, match="half way"):
            await fail_half_way(store)
        assert await count(store) == 1


async def fail_half_way(store: Store) -> None:
    async with store.transaction() as session:
        await session.execute(INSERT, {"subject": "bob"})
        raise RuntimeError("half way")


async def test_what_reads_sees_one_state(tmp_path: Path) -> None:
    async with empty_store(tmp_path).opened() as store, store.reading() as reader:
        assert (await reader.execute(COUNT)).scalar_one() == 0
        async with store.transaction() as session:
            await session.execute(INSERT, {"subject": "ann"})
        assert (await reader.execute(COUNT)).scalar_one() == 0
        assert await count(store) == 1


@embedded_only
async def test_writers_take_turns(tmp_path: Path) -> None:
    async with empty_store(tmp_path).opened() as store:

        async def write(number: int) -> None:
            async with store.transaction() as session:
                seen = (await session.execute(COUNT)).scalar_one()
                await session.execute(INSERT, {"subject": f"{number}-{seen}"})

        await asyncio.gather(*(write(number) for number in range(20)))
        async with store.reading() as session:
            seen = (await session.execute(text("SELECT subject FROM session_turns"))).scalars().all()
    assert sorted(int(subject.split("-")[1]) for subject in seen) == list(range(20))


async def test_two_processes_share_the_file(tmp_path: Path) -> None:
    async with empty_store(tmp_path).opened() as one, empty_store(tmp_path).opened() as other:
        for store in (one, other, one):
            async with store.transaction() as session:
                await session.execute(INSERT, {"subject": "ann"})
        assert await count(other) == 3


@embedded_only
async def test_the_file_is_private(tmp_path: Path) -> None:
    async with make_store(tmp_path / "state").opened():
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "state").iterdir()}
    assert modes["store.db"] == 0o600
    assert set(modes.values()) == {0o600}


@embedded_only
async def test_a_store_that_cannot_be_had_is_not_healthy_until_it_can(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.write_text("in the way")
    async with make_store(state).opened() as store:
        with pytest.raises(StoreError):
            await store.check()
        with pytest.raises(StoreError):
            await count(store)
        state.unlink()
        await store.check()
        assert await count(store) == 0


async def test_missing_tables_are_found_where_nobody_makes_them(tmp_path: Path) -> None:
    async with make_store(tmp_path, migrate_at_start=False).opened() as store:
        with structlog.testing.capture_logs() as logs, pytest.raises(StoreError, match="out of date"):
            await store.check()
        assert "base_0001" in logs[0]["missing"]
        async with make_store(tmp_path).opened():
            await store.check()


async def test_what_its_tables_lack_is_the_stores_trouble_until_they_are_up_to_date(tmp_path: Path) -> None:
    lacks = ProgrammingError("SELECT … FROM later", None, Exception('relation "later" does not exist'))

    async def ask(store: Store) -> None:
        async with store.reading():
            raise lacks

    async with make_store(tmp_path, migrate_at_start=False).opened() as store:
        with pytest.raises(StoreError, match="out of date"):
            await ask(store)
        async with make_store(tmp_path).opened():
            await store.check()
        with pytest.raises(ProgrammingError):
            await ask(store)


async def test_an_error_does_not_quote_what_was_asked_for(tmp_path: Path) -> None:
    wrong = text("SELECT nothing FROM session_turns WHERE subject = :subject")
    async with empty_store(tmp_path).opened() as store:
        with pytest.raises((ProgrammingError, StoreError)) as caught:
            async with store.reading() as session:
                await session.execute(wrong, {"subject": "canary-4711"})
    assert "canary-4711" not in f"{caught.value} {caught.value.__cause__}"


@embedded_only
async def test_a_store_that_does_not_answer_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "CHECK_WITHIN_SECONDS", 0.05)
    async with empty_store(tmp_path).opened() as store:
        monkeypatch.setattr(store, "reading", store.transaction)
        async with store.transaction():
            with pytest.raises(StoreError, match="does not answer"):
                await store.check()


async def test_what_breaks_a_rule_of_the_tables_is_no_trouble_of_the_store(tmp_path: Path) -> None:
    async with empty_store(tmp_path).opened() as store:
        with pytest.raises(IntegrityError):
            async with store.transaction() as session:
                await session.execute(INSERT, {"subject": None})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"url": "mysql://somebody:hunter2@db/x"}, "postgresql:// or sqlite:///"),
        ({"url": "hunter2"}, "STORE__URL, or"),
        ({"embedded": False}, "STORE__URL_FILE"),
    ],
)
def test_a_wrong_url_is_named_without_its_password(tmp_path: Path, changes: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message) as caught:
        build_engine(store_settings(**changes), tmp_path)
    assert "hunter2" not in str(caught.value)


@embedded_only
async def test_the_url_can_be_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "url").write_text(f"sqlite:///{tmp_path}/elsewhere.db\n")
    async with make_store(tmp_path, url_file=tmp_path / "url").opened():
        assert (tmp_path / "elsewhere.db").exists()


async def test_a_server_that_vanished_from_the_network_is_given_up(tmp_path: Path) -> None:
    engine = build_engine(store_settings(url="postgresql://agent:hunter2@db:5432/agent"), tmp_path)
    asked: dict[str, object] = {}

    @event.listens_for(engine.sync_engine, "do_connect")
    def look(_dialect: object, _record: object, _arguments: object, parameters: dict[str, object]) -> None:
        asked.update(parameters)
        raise ConnectionRefusedError

    with pytest.raises(ConnectionRefusedError):
        async with engine.connect():
            pass
    seconds = [int(str(asked[f"keepalives_{name}"])) for name in ("idle", "interval", "count")]
    assert seconds[0] + seconds[1] * seconds[2] <= 30
    assert asked["tcp_user_timeout"] == 25_000


def test_postgresql_is_asked_for_tls(tmp_path: Path) -> None:
    settings = store_settings(url="postgresql://agent:hunter2@db:5432/agent", tls="verify-full")
    engine = build_engine(settings, tmp_path)
    assert engine.dialect.driver == "psycopg"
    assert "hunter2" not in repr(engine.url)
