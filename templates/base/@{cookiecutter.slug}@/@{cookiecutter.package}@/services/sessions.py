"""Sessions: what a client and the agent said, encrypted, for as long as it is kept."""

import json
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import CursorResult, Select, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from ..models.answer import Answer, Question
from ..models.session import SessionTurn
from ..models.tables.session_turns import SessionTurnRow
from ..utils.encryption import Cipher
from ..utils.tenancy import DEFAULT_TENANT
from .batching import Batcher
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
        self._cipher = cipher
        self._keep = timedelta(days=keep_days)
        self._writing: Batcher[SessionTurn, None] = Batcher(self._write, size=AT_ONCE, wait=WRITE_WAIT_SECONDS)

    async def remember(self, subject: str, question: Question, answer: Answer, correlation_id: str) -> None:
        """Keep a question and its answer when the client named a session for them.

        Raises:
            StoreError: They could not be written.
        """
        if question.session_id is not None:
            await self.add(
                SessionTurn(
                    subject=subject,
                    session_id=question.session_id,
                    question=question.question,
                    answer=json.dumps(answer.output),
                    correlation_id=correlation_id,
                )
            )

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
        return [self._turn(row) for row in reversed(rows)]

    async def all_turns(self, subject: str) -> AsyncIterator[SessionTurn]:
        """Yield every turn of a subject, batch by batch.

        Raises:
            StoreError: They could not be read.
        """
        after = 0
        while rows := await self._after(after, _of(subject)):
            for row in rows:
                yield self._turn(row)
            after = rows[-1].number

    async def delete(self, subject: str, session_id: str | None = None) -> int:
        """Delete a session, or all of a subject's; return how many turns that were.

        Raises:
            StoreError: They could not be deleted.
        """
        condition = SessionTurnRow.subject == subject
        if session_id is not None:
            condition &= SessionTurnRow.session_id == session_id
        async with self._store.transaction() as session:
            return _count(await session.execute(delete(SessionTurnRow).where(condition)))

    async def delete_old(self) -> int:
        """Delete what has been kept long enough; return how many turns that were.

        Raises:
            StoreError: They could not be deleted.
        """
        oldest = datetime.now(UTC) - self._keep
        async with self._store.transaction() as session:
            return _count(await session.execute(delete(SessionTurnRow).where(SessionTurnRow.time < oldest)))

    async def renew_encryption(self) -> int:
        """Encrypt everything with the newest key; return how many turns that were. Can be begun again at any time.

        Raises:
            StoreError: Something could not be read or written.
        """
        done = after = 0
        while rows := await self._after(after, select(SessionTurnRow)):
            async with self._store.transaction() as session:
                await self._renew(session, rows)
            done, after = done + len(rows), rows[-1].number
        return done

    async def _write(self, turns: Sequence[SessionTurn]) -> Sequence[None]:
        rows = [
            {
                "tenant": turn.tenant,  # one write may hold turns of several
                "subject": turn.subject,
                "session_id": turn.session_id,
                "question": self._cipher.encrypt(turn.question, _place("question", turn)),
                "answer": self._cipher.encrypt(turn.answer, _place("answer", turn)),
                "correlation_id": turn.correlation_id,
                "time": turn.time,
            }
            for turn in turns
        ]
        async with self._store.transaction() as session:
            await session.execute(insert(SessionTurnRow), rows)
        return [None] * len(turns)

    async def _after(self, number: int, wanted: Select[SessionTurnRow]) -> Sequence[SessionTurnRow]:
        batch = wanted.where(SessionTurnRow.number > number).order_by(SessionTurnRow.number).limit(AT_ONCE)
        async with self._store.reading() as session:
            return (await session.scalars(batch)).all()

    async def _renew(self, session: AsyncSession, rows: Sequence[SessionTurnRow]) -> None:
        renewed = [
            {
                "number": row.number,
                "question": self._cipher.renewed(row.question),
                "answer": self._cipher.renewed(row.answer),
            }
            for row in rows
        ]
        await session.execute(update(SessionTurnRow), renewed)

    def _turn(self, row: SessionTurnRow) -> SessionTurn:
        return SessionTurn(
            tenant=row.tenant,
            subject=row.subject,
            session_id=row.session_id,
            question=self._cipher.decrypt(row.question, _place("question", row)),
            answer=self._cipher.decrypt(row.answer, _place("answer", row)),
            correlation_id=row.correlation_id,
            time=row.time,
        )


def _of(subject: str, session_id: str | None = None) -> Select[SessionTurnRow]:
    wanted = select(SessionTurnRow).where(SessionTurnRow.subject == subject)
    return wanted if session_id is None else wanted.where(SessionTurnRow.session_id == session_id)


def _place(what: str, turn: SessionTurn | SessionTurnRow) -> str:
    whose = what if turn.tenant == DEFAULT_TENANT else f"{what} of {turn.tenant}"
    return f"{whose}/{turn.session_id}/{turn.subject}"


def _count(result: object) -> int:
    return result.rowcount if isinstance(result, CursorResult) else 0
