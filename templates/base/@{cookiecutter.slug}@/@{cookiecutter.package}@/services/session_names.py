"""The names of sessions: given by their owners, else taken from the first question that is kept."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence

from sqlalchemy import Select, delete, select, update

from ..models.tables.session_names import SessionNameRow
from ..utils.encryption import Cipher
from ..utils.tenancy import current_tenant
from .session_rows import SessionRows
from .store import Store

AT_ONCE = 500
"""Rows that are read or written together at most."""
LONGEST_TAKEN = 80
"""Characters of a name that is taken from a question."""


class SessionNames:
    """Keeps the names that clients gave.

    Args:
        store: Where they are kept.
        cipher: Makes them unreadable for others.
    """

    def __init__(self, store: Store, cipher: Cipher) -> None:
        self._store = store
        self._rows = SessionRows(cipher)

    async def of(self, subject: str, session_ids: Collection[str]) -> Mapping[str, str]:
        """Return the given names of these sessions of a subject.

        Raises:
            StoreError: They could not be read.
        """
        wanted = _of(subject).where(SessionNameRow.session_id.in_(session_ids))
        async with self._store.reading() as session:
            return {row.session_id: self._rows.name(row) for row in await session.scalars(wanted)}

    async def give(self, subject: str, session_id: str, name: str | None) -> None:
        """Give a session another name; without one it has the name again that is taken from its first question.

        Raises:
            StoreError: It could not be written.
        """
        known = (SessionNameRow.subject == subject) & (SessionNameRow.session_id == session_id)
        async with self._store.transaction() as session:
            await session.execute(delete(SessionNameRow).where(known))
            if name is not None:
                row = SessionNameRow(tenant=current_tenant(), subject=subject, session_id=session_id)
                session.add(self._rows.named(row, name))

    async def all_of(self, subject: str) -> AsyncIterator[tuple[str, str]]:
        """Yield every session of a subject that has a given name, and the name.

        Raises:
            StoreError: They could not be read.
        """
        after = 0
        while rows := await self._after(after, _of(subject)):
            for row in rows:
                yield row.session_id, self._rows.name(row)
            after = rows[-1].number

    async def renew_encryption(self) -> int:
        """Encrypt every name with the newest key; return how many that were.

        Raises:
            StoreError: Something could not be read or written.
        """
        done = after = 0
        while rows := await self._after(after, select(SessionNameRow)):
            async with self._store.transaction() as session:
                await session.execute(update(SessionNameRow), [self._rows.renewed_name(row) for row in rows])
            done, after = done + len(rows), rows[-1].number
        return done

    async def _after(self, number: int, wanted: Select[SessionNameRow]) -> Sequence[SessionNameRow]:
        batch = wanted.where(SessionNameRow.number > number).order_by(SessionNameRow.number).limit(AT_ONCE)
        async with self._store.reading() as session:
            return (await session.scalars(batch)).all()


def taken_name(question: str) -> str:
    """Return the name that a session has by its first question: its first line, shortened between words."""
    line = " ".join(question.split("\n", 1)[0].split())
    return line if len(line) <= LONGEST_TAKEN else f"{line[: LONGEST_TAKEN - 1].rsplit(' ', 1)[0]}…"


def _of(subject: str) -> Select[SessionNameRow]:
    return select(SessionNameRow).where(SessionNameRow.subject == subject)
