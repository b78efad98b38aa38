"""Sessions: what a client and the agent said, encrypted, for as long as it is kept."""

import json
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, CursorResult, Select, delete, exists, insert, select, update

from ..models.answer import Answer, Question
from ..models.session import SessionTurn
from ..models.tables.session_names import SessionNameRow
from ..models.tables.session_turns import SessionTurnRow
from ..utils.encryption import Cipher
from .batching import Batcher
from .session_rows import SessionRows
from .store import Store

AT_ONCE = 500
"""Rows that are read or written together at most."""
WRITE_WAIT_SECONDS = 0.002


class Sessions:
    """Keeps the turns of sessions. Each subject of a tenant has session names of its own and sees no others.

    Turns that come at the same time are written in one transaction; each waits until its own is on disk.

    Args:
        store: Where they are kept.
        cipher: Makes questions and answers unreadable for others.
        keep_days: Days after which a turn is deleted.
    """

    def __init__(self, store: Store, cipher: Cipher, keep_days: int) -> None:
        self._store = store
        self._rows = SessionRows(cipher)
        self._keep = timedelta(days=keep_days)
        self._writing: Batcher[SessionTurn, None] = Batcher(self._write, size=AT_ONCE, wait=WRITE_WAIT_SECONDS)

    async def remember(self, subject: str, question: Question, answer: Answer, correlation_id: str) -> Answer:
        """Keep a question and its answer when the client named a session; return the answer, with the turn's id then.

        Raises:
            StoreError: They could not be written.
        """
        if question.session_id is None:
            return answer
        turn = SessionTurn(
            subject=subject,
            session_id=question.session_id,
            question=question.question,
            answer=json.dumps(answer.output),
            correlation_id=correlation_id,
        )
        await self.add(turn)
        return answer.model_copy(update={"turn_id": turn.turn_id})

    async def add(self, turn: SessionTurn) -> None:
        """Keep a turn.

        Raises:
            StoreError: It could not be written.
        """
        await self._writing.submit(turn)

    async def turns(self, subject: str, session_id: str, last: int = 100) -> list[SessionTurn]:
        """Return the last turns of a session, oldest first; a session that nobody began has none.

        Raises:
            StoreError: They could not be read.
        """
        wanted = _of(subject, session_id).order_by(SessionTurnRow.number.desc()).limit(last)
        async with self._store.reading() as session:
            rows = (await session.scalars(wanted)).all()
        return [self._rows.turn(row) for row in reversed(rows)]

    async def all_turns(self, subject: str, session_id: str | None = None) -> AsyncIterator[SessionTurn]:
        """Yield every turn of a subject, or of one of its sessions, batch by batch.

        Raises:
            StoreError: They could not be read.
        """
        after = 0
        while rows := await self._after(after, _of(subject, session_id)):
            for row in rows:
                yield self._rows.turn(row)
            after = rows[-1].number

    async def delete(self, subject: str, session_id: str | None = None) -> int:
        """Delete a session, or all of a subject's; return how many turns that were.

        Raises:
            StoreError: They could not be deleted.
        """
        turns, names = SessionTurnRow.subject == subject, SessionNameRow.subject == subject
        if session_id is not None:
            turns &= SessionTurnRow.session_id == session_id
            names &= SessionNameRow.session_id == session_id
        return await self._delete(turns, names)

    async def delete_old(self) -> int:
        """Delete what has been kept long enough, and names of what is gone; return how many turns that were.

        Raises:
            StoreError: They could not be deleted.
        """
        oldest = datetime.now(UTC) - self._keep
        return await self._delete(SessionTurnRow.time < oldest, ~_has_turns())

    async def renew_encryption(self) -> int:
        """Encrypt everything with the newest key; return how many turns that were. Can be begun again at any time.

        Raises:
            StoreError: Something could not be read or written.
        """
        done = after = 0
        while rows := await self._after(after, select(SessionTurnRow)):
            async with self._store.transaction() as session:
                await session.execute(update(SessionTurnRow), [self._rows.renewed(row) for row in rows])
            done, after = done + len(rows), rows[-1].number
        return done

    async def _write(self, turns: Sequence[SessionTurn]) -> Sequence[None]:
        async with self._store.transaction() as session:
            await session.execute(insert(SessionTurnRow), [self._rows.values(turn) for turn in turns])
        return [None] * len(turns)

    async def _delete(self, turns: ColumnElement[bool], names: ColumnElement[bool]) -> int:
        unloaded = {"synchronize_session": False}
        async with self._store.transaction() as session:
            deleted = await session.execute(delete(SessionTurnRow).where(turns), execution_options=unloaded)
            await session.execute(delete(SessionNameRow).where(names), execution_options=unloaded)
        return deleted.rowcount if isinstance(deleted, CursorResult) else 0

    async def _after(self, number: int, wanted: Select[SessionTurnRow]) -> Sequence[SessionTurnRow]:
        batch = wanted.where(SessionTurnRow.number > number).order_by(SessionTurnRow.number).limit(AT_ONCE)
        async with self._store.reading() as session:
            return (await session.scalars(batch)).all()


def _of(subject: str, session_id: str | None = None) -> Select[SessionTurnRow]:
    wanted = select(SessionTurnRow).where(SessionTurnRow.subject == subject)
    return wanted if session_id is None else wanted.where(SessionTurnRow.session_id == session_id)


def _has_turns() -> ColumnElement[bool]:
    """Return whether there is still a turn of the session that a name is of."""
    return exists().where(
        SessionTurnRow.tenant == SessionNameRow.tenant,
        SessionTurnRow.subject == SessionNameRow.subject,
        SessionTurnRow.session_id == SessionNameRow.session_id,
    )
