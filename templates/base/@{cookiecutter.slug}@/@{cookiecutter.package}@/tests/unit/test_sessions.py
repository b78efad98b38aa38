from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from ...config.secrets import FileSecret, FixedSecret
from ...exceptions import ConfigurationError, StoreError
from ...models.session import SessionTurn
from ...services import sessions as sessions_module
from ...services.sessions import Sessions
from ...services.store import Store
from ...utils.encryption import Cipher, new_key
from ..fixtures.service import DATA_KEY
from ..fixtures.store import empty_store


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with empty_store(tmp_path).opened() as store:
        yield store


def make(store: Store, keys: str = DATA_KEY) -> Sessions:
    return Sessions(store, Cipher(FixedSecret(keys)), keep_days=30)


def turn(subject: str = "ann", session: str = "s", question: str = "Why?", age: float = 0) -> SessionTurn:
    return SessionTurn(
        subject=subject,
        session_id=session,
        question=question,
        answer='{"answer_text": "Because."}',
        correlation_id="c",
        time=datetime.now(UTC) - timedelta(days=age),
    )


async def test_turns_come_back_in_their_order(store: Store) -> None:
    sessions = make(store)
    for number in range(5):
        await sessions.add(turn(question=str(number)))
    assert [kept.question for kept in await sessions.turns("ann", "s")] == ["0", "1", "2", "3", "4"]
    assert [kept.question for kept in await sessions.turns("ann", "s", last=2)] == ["3", "4"]


async def test_a_turn_comes_back_whole(store: Store) -> None:
    sessions, kept = make(store), turn(question="Wie viel? 🤖")
    await sessions.add(kept)
    assert await sessions.turns("ann", "s") == [kept]


async def test_subjects_do_not_see_each_other(store: Store) -> None:
    sessions = make(store)
    await sessions.add(turn("ann"))
    assert await sessions.turns("bob", "s") == []
    assert await sessions.delete("bob", "s") == 0
    assert len(await sessions.turns("ann", "s")) == 1


async def test_nothing_can_be_read_in_the_store(store: Store) -> None:
    await make(store).add(turn(question="My number is 4711 0815"))
    async with store.reading() as session:
        rows = (await session.execute(text("SELECT question, answer FROM session_turns"))).all()
    assert all(b"4711 0815" not in bytes(value) and b"Because" not in bytes(value) for row in rows for value in row)


async def test_deleting_one_session_leaves_the_others(store: Store) -> None:
    sessions = make(store)
    for subject, name in (("ann", "one"), ("ann", "two"), ("bob", "one")):
        await sessions.add(turn(subject, name))
    assert await sessions.delete("ann", "one") == 1
    assert len([kept async for kept in sessions.all_turns("ann")]) == 1
    assert await sessions.delete("ann") == 1
    assert len(await sessions.turns("bob", "one")) == 1


async def test_old_turns_go(store: Store) -> None:
    sessions = make(store)
    for question, age in (("old", 30.1), ("young", 29.9)):
        await sessions.add(turn(question=question, age=age))
    assert await sessions.delete_old() == 1
    assert [kept.question for kept in await sessions.turns("ann", "s")] == ["young"]


async def test_many_are_read_in_batches(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions_module, "AT_ONCE", 2)
    sessions = make(store)
    for number in range(5):
        await sessions.add(turn(question=str(number)))
    assert [kept.question async for kept in sessions.all_turns("ann")] == ["0", "1", "2", "3", "4"]


async def test_keys_are_changed_without_losing_anything(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions_module, "AT_ONCE", 2)
    (tmp_path / "keys").write_text(DATA_KEY)
    sessions = Sessions(store, Cipher(FileSecret(tmp_path / "keys", "KEYS")), keep_days=30)
    for number in range(3):
        await sessions.add(turn(question=str(number)))
    new = new_key()
    (tmp_path / "keys").write_text(f"{new}\n{DATA_KEY}\n")
    assert len(await sessions.turns("ann", "s")) == 3
    assert await sessions.renew_encryption() == 3
    assert [kept.question for kept in await make(store, new).turns("ann", "s")] == ["0", "1", "2"]
    with pytest.raises(StoreError, match="decrypted"):
        await make(store).turns("ann", "s")
    with pytest.raises(StoreError, match="decrypted"):
        await make(store).renew_encryption()


@pytest.mark.parametrize("change", ["answer = question", "subject = 'eve'", "question = substr(question, 2)"])
async def test_what_somebody_changed_or_moved_is_not_believed(store: Store, change: str) -> None:
    sessions = make(store)
    await sessions.add(turn())
    async with store.transaction() as session:
        await session.execute(text(f"UPDATE session_turns SET {change}"))
    with pytest.raises(StoreError, match="decrypted"):
        await sessions.turns("eve" if "eve" in change else "ann", "s")


@pytest.mark.parametrize("keys", ["", "short", "x" * 44])
def test_a_wrong_key_is_found_at_start_and_not_shown(keys: str) -> None:
    with pytest.raises(ConfigurationError, match="44 characters") as caught:
        Cipher(FixedSecret(keys))
    assert not keys or keys not in str(caught.value)
