from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from ...config.secrets import FixedSecret
from ...exceptions import StoreError
from ...exceptions.sessions import NotRatedError, RatedAlreadyError, SessionNotFoundError, TurnNotFoundError
from ...models.session import Rating, SessionTurn
from ...services.ratings import Ratings
from ...services.session_list import SessionList
from ...services.session_names import LONGEST_TAKEN, SessionNames, taken_name
from ...services.sessions import Sessions
from ...services.store import Store
from ...utils.encryption import Cipher, new_key
from ...utils.metrics import Metrics
from ..fixtures.service import DATA_KEY
from ..fixtures.store import empty_store

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with empty_store(tmp_path).opened() as store:
        yield store


class Desk:
    """Everything about sessions, on one store."""

    def __init__(self, store: Store, keys: str = DATA_KEY) -> None:
        cipher = Cipher(FixedSecret(keys))
        self.sessions = Sessions(store, cipher, keep_days=30)
        self.names = SessionNames(store, cipher)
        self.list = SessionList(store, cipher, self.names)
        self.ratings = Ratings(store, cipher, Metrics("development", "agent", "1.0.0"))

    async def say(self, session: str, question: str = "Why?", *, minute: float = 0, subject: str = "ann") -> str:
        turn = SessionTurn(
            subject=subject,
            session_id=session,
            question=question,
            answer="{}",
            correlation_id="c",
            time=NOON + timedelta(minutes=minute),
        )
        await self.sessions.add(turn)
        return str(turn.turn_id)

    async def pages(self, limit: int, subject: str = "ann") -> list[list[str]]:
        found, cursor = [], None
        while True:
            page = await self.list.page(subject, cursor, limit)
            found.append([item.session_id for item in page.items])
            cursor = page.next_cursor
            if cursor is None:
                return found


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store)


async def test_sessions_are_listed_newest_first_and_page_by_page(desk: Desk) -> None:
    for minute, session in enumerate(["a", "b", "c", "d", "a"]):
        await desk.say(session, minute=minute)
    await desk.say("theirs", minute=9, subject="bob")
    assert await desk.pages(10) == [["a", "d", "c", "b"]]
    assert await desk.pages(3) == [["a", "d", "c"], ["b"]]
    assert await desk.pages(2) == [["a", "d"], ["c", "b"]]
    assert await desk.pages(2, "cid") == [[]]


async def test_none_is_left_out_among_turns_of_the_same_time(desk: Desk) -> None:
    for session in ("c", "a", "b", "a.b", "7"):
        await desk.say(session)
    assert await desk.pages(2) == [["7", "a"], ["a.b", "b"], ["c"]]


async def test_a_session_tells_how_long_it_is(desk: Desk) -> None:
    for minute in range(3):
        await desk.say("s", minute=minute)
    summary = await desk.list.one("ann", "s")
    assert (summary.turns, summary.first_turn, summary.last_turn) == (3, NOON, NOON + timedelta(minutes=2))


async def test_a_name_is_taken_given_and_taken_again(desk: Desk) -> None:
    await desk.say("s", "How long is\nthe warranty?")
    await desk.say("s", "Really?", minute=1)
    assert (await desk.list.one("ann", "s")).name == "How long is"
    for name in ("Warranty", "My warranty"):
        assert (await desk.list.rename("ann", "s", name)).name == name
    assert [item.name for item in (await desk.list.page("ann", None, 5)).items] == ["My warranty"]
    assert (await desk.list.rename("ann", "s", None)).name == "How long is"


@pytest.mark.parametrize("question", ["word " * 40, "x" * 200, "short"])
def test_a_taken_name_is_one_short_line(question: str) -> None:
    name = taken_name(question)
    assert 0 < len(name) <= LONGEST_TAKEN
    assert question.startswith(name.removesuffix("…"))


async def test_names_and_ratings_of_others_stay_as_they_are(desk: Desk) -> None:
    turn = await desk.say("s")
    await desk.say("s", subject="eve")
    with pytest.raises(SessionNotFoundError):
        await desk.list.rename("bob", "s", "mine")
    await desk.list.rename("eve", "s", "Eve's")
    assert (await desk.list.one("ann", "s")).name == "Why?"
    for subject, session in (("eve", "s"), ("ann", "other"), ("bob", "s")):
        with pytest.raises(TurnNotFoundError):
            await desk.ratings.give(subject, session, turn, Rating(score=1))
    assert [kept.rating for kept in await desk.sessions.turns("ann", "s")] == [None]


async def test_a_turn_is_rated_once_and_the_rating_changed(desk: Desk) -> None:
    turn = await desk.say("s")
    with pytest.raises(NotRatedError):
        await desk.ratings.change("ann", "s", turn, Rating(score=2))
    await desk.ratings.give("ann", "s", turn, Rating(score=5, comment="Good"))
    with pytest.raises(RatedAlreadyError):
        await desk.ratings.give("ann", "s", turn, Rating(score=1))
    assert [kept.rating for kept in await desk.sessions.turns("ann", "s")] == [Rating(score=5, comment="Good")]
    await desk.ratings.change("ann", "s", turn, Rating(score=2))
    assert [kept.rating for kept in await desk.sessions.turns("ann", "s")] == [Rating(score=2)]


async def test_names_and_comments_cannot_be_read_in_the_store_and_move_to_new_keys(desk: Desk, store: Store) -> None:
    turn = await desk.say("s")
    await desk.list.rename("ann", "s", "My number is 4711 0815")
    await desk.ratings.give("ann", "s", turn, Rating(score=1, comment="It knows my number 4711 0815"))
    async with store.reading() as session:
        kept = [
            *(await session.execute(text("SELECT name FROM session_names"))).scalars(),
            *(await session.execute(text("SELECT comment FROM session_turns"))).scalars(),
        ]
    assert len(kept) == 2
    assert all(b"4711 0815" not in bytes(value) for value in kept)
    new = new_key()
    both, alone = Desk(store, f"{new}\n{DATA_KEY}"), Desk(store, new)
    assert await both.sessions.renew_encryption() + await both.names.renew_encryption() == 2
    assert (await alone.list.one("ann", "s")).name == "My number is 4711 0815"
    (moved,) = await alone.sessions.turns("ann", "s")
    assert moved.rating == Rating(score=1, comment="It knows my number 4711 0815")


@pytest.mark.parametrize("table", ["session_turns SET comment", "session_names SET name"])
async def test_what_somebody_moved_is_not_believed(desk: Desk, store: Store, table: str) -> None:
    turn = await desk.say("s")
    await desk.list.rename("ann", "s", "Mine")
    await desk.ratings.give("ann", "s", turn, Rating(score=1, comment="Bad"))
    async with store.transaction() as session:
        await session.execute(text(f"UPDATE {table} = (SELECT question FROM session_turns)"))
    with pytest.raises(StoreError, match="decrypted"):
        await (desk.sessions.turns("ann", "s") if "turns SET" in table else desk.list.one("ann", "s"))


async def test_names_go_with_their_sessions(desk: Desk) -> None:
    async def names() -> set[str]:
        return {session_id async for session_id, _ in desk.names.all_of("ann")}

    old = (datetime.now(UTC) - NOON).total_seconds() / 60
    for session, minute in (("old", old - 31 * 24 * 60), ("young", old), ("ended", old), ("last", old)):
        await desk.say(session, minute=minute)
        await desk.list.rename("ann", session, session)
    assert await desk.sessions.delete("ann", "ended") == 1
    assert await names() == {"old", "young", "last"}
    assert await desk.sessions.delete_old() == 1
    assert await names() == {"young", "last"}
    assert await desk.sessions.delete("ann") == 2
    assert await names() == set()


async def test_a_turn_of_an_older_version_is_read_and_listed_but_not_rated(desk: Desk, store: Store) -> None:
    await desk.say("s")
    async with store.transaction() as session:
        await session.execute(text("UPDATE session_turns SET turn_id = NULL"))
    assert [kept.turn_id for kept in await desk.sessions.turns("ann", "s")] == [None]
    assert await desk.pages(5) == [["s"]]
