"""The sessions of a client, a page at a time."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select

from ..exceptions.sessions import SessionNotFoundError
from ..models.pages import Page
from ..models.session import SessionSummary
from ..models.tables.session_turns import SessionTurnRow
from ..utils.encryption import Cipher
from .session_names import SessionNames, taken_name
from .session_rows import SessionRows
from .store import Store

first_turn, last_turn = func.min(SessionTurnRow.time), func.max(SessionTurnRow.time)
Found = Select[str, int, int, datetime, datetime]
"""A session, the number of its first turn, how many turns, when they began, and the last one."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Place:
    """A place in the list: the last turn of a session, and the session's name."""

    last: datetime
    session_id: str

    @classmethod
    def read(cls, cursor: str) -> "Place":
        """Return the place that a cursor names; it has the form that ``models/session.py`` demands."""
        microseconds, _, session_id = cursor.partition(".")
        return cls(EPOCH + timedelta(microseconds=int(microseconds)), session_id)

    def __str__(self) -> str:
        return f"{(self.last - EPOCH) // timedelta(microseconds=1)}.{self.session_id}"

    @property
    def is_before(self) -> ColumnElement[bool]:
        """Whether a session comes later in the list than this place."""
        same = and_(last_turn == self.last, SessionTurnRow.session_id > self.session_id)
        return or_(last_turn < self.last, same)


class SessionList:
    """Tells a subject which sessions it has; what it is told is nobody else's.

    Args:
        store: Where the turns are kept.
        cipher: Makes them readable.
        names: Keeps the names that were given.
    """

    def __init__(self, store: Store, cipher: Cipher, names: SessionNames) -> None:
        self._store = store
        self._rows = SessionRows(cipher)
        self._names = names

    async def page(self, subject: str, cursor: str | None, limit: int) -> Page[SessionSummary]:
        """Return the sessions behind the cursor, those with the newest turns first.

        Raises:
            StoreError: They could not be read.
        """
        wanted = _sessions(subject).order_by(last_turn.desc(), SessionTurnRow.session_id).limit(limit + 1)
        if cursor is not None:
            wanted = wanted.having(Place.read(cursor).is_before)
        found = await self._summaries(subject, wanted)
        items, more = found[:limit], len(found) > limit
        place = str(Place(items[-1].last_turn, items[-1].session_id)) if more else None
        return Page(items=tuple(items), next_cursor=place)

    async def one(self, subject: str, session_id: str) -> SessionSummary:
        """Return one session of the subject's.

        Raises:
            SessionNotFoundError: Nothing was said in it.
            StoreError: It could not be read.
        """
        found = await self._summaries(subject, _sessions(subject).where(SessionTurnRow.session_id == session_id))
        if not found:
            raise SessionNotFoundError
        return found[0]

    async def rename(self, subject: str, session_id: str, name: str | None) -> SessionSummary:
        """Give a session another name, or take the given one away; return it.

        Raises:
            SessionNotFoundError: Nothing was said in it.
            StoreError: It could not be read or written.
        """
        await self.one(subject, session_id)
        await self._names.give(subject, session_id, name)
        return await self.one(subject, session_id)

    async def _summaries(self, subject: str, wanted: Found) -> list[SessionSummary]:
        async with self._store.reading() as session:
            found = (await session.execute(wanted)).all()
            firsts = select(SessionTurnRow).where(SessionTurnRow.number.in_([row.first for row in found]))
            questions = {row.session_id: self._rows.turn(row).question for row in await session.scalars(firsts)}
        given = await self._names.of(subject, questions)
        taken = {session_id: taken_name(question) for session_id, question in questions.items()}
        return [_summary(row, {**taken, **given}[row.session_id]) for row in found]


def _sessions(subject: str) -> Found:
    first, turns = func.min(SessionTurnRow.number).label("first"), func.count().label("turns")
    wanted = select(SessionTurnRow.session_id, first, turns, first_turn.label("began"), last_turn.label("last"))
    return wanted.where(SessionTurnRow.subject == subject).group_by(SessionTurnRow.session_id)


def _summary(row: Row[str, int, int, datetime, datetime], name: str) -> SessionSummary:
    return SessionSummary(
        session_id=row.session_id, name=name, turns=row.turns, first_turn=row.began, last_turn=row.last
    )
