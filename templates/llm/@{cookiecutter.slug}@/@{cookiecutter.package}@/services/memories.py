"""Memories of users in the store: encrypted, each subject of a tenant sees its own alone."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, CursorResult, delete, select, update

from ..config.secrets import encryption_keys
from ..interfaces.memory import MemoryKeeper
from ..models.memory import Memory
from ..models.tables.memories import MemoryRow
from ..utils.encryption import Cipher
from ..utils.tenancy import current_tenant
from .resources import Resources
from .store import Store

AT_ONCE = 500
"""Rows that are encrypted anew together at most."""


class Memories(MemoryKeeper):
    """Keeps what users ask to be remembered.

    Args:
        store: Where it is kept.
        cipher: Makes it unreadable for others.
        keep_days: Days after which a memory is deleted.
    """

    def __init__(self, store: Store, cipher: Cipher, keep_days: int) -> None:
        self._store = store
        self._cipher = cipher
        self._keep = timedelta(days=keep_days)

    async def remember(self, subject: str, text: str, at_most: int) -> bool:
        """Keep something, in place of the oldest when there are enough; return whether it is new.

        What is known already is as if it had been told now.

        Raises:
            StoreError: It could not be written.
        """
        now = datetime.now(UTC)
        async with self._store.transaction() as session:
            rows = (await session.scalars(select(MemoryRow).where(_of(subject)).order_by(MemoryRow.number))).all()
            known = [row for row in rows if _alike(self._text(row), text)]
            memory_id = known[0].memory_id if known else uuid.uuid4().hex
            gone = [row.number for row in (*known, *rows[: max(0, len(rows) + 1 - len(known) - at_most)])]
            await session.execute(delete(MemoryRow).where(MemoryRow.number.in_(gone)))
            session.add(MemoryRow(subject=subject, memory_id=memory_id, text=self._sealed(subject, text), time=now))
        return not known

    async def of(self, subject: str, newest: int | None = None) -> list[Memory]:
        """Return what is remembered of somebody."""
        wanted = select(MemoryRow).where(_of(subject), MemoryRow.time >= self._oldest())
        async with self._store.reading() as session:
            rows = (await session.scalars(wanted.order_by(MemoryRow.number.desc()).limit(newest))).all()
        return [Memory(memory_id=row.memory_id, text=self._text(row), time=row.time) for row in rows]

    async def forget(self, subject: str, memory_id: str | None = None) -> int:
        """Delete one memory of somebody, or all."""
        return await self._delete(
            _of(subject) if memory_id is None else _of(subject) & (MemoryRow.memory_id == memory_id)
        )

    async def delete_old(self) -> int:
        """Delete what has been kept long enough; return how many memories that were.

        Raises:
            StoreError: They could not be deleted.
        """
        return await self._delete(MemoryRow.time < self._oldest())

    async def renew_encryption(self) -> int:
        """Encrypt everything with the newest key; return how many memories that were. Can be begun again at any time.

        Raises:
            StoreError: Something could not be read or written.
        """
        done = after = 0
        while rows := await self._after(after):
            values = [{"number": row.number, "text": self._cipher.renewed(row.text)} for row in rows]
            async with self._store.transaction() as session:
                await session.execute(update(MemoryRow), values)
            done, after = done + len(rows), rows[-1].number
        return done

    async def _after(self, number: int) -> Sequence[MemoryRow]:
        batch = select(MemoryRow).where(MemoryRow.number > number).order_by(MemoryRow.number).limit(AT_ONCE)
        async with self._store.reading() as session:
            return (await session.scalars(batch)).all()

    async def _delete(self, which: ColumnElement[bool]) -> int:
        async with self._store.transaction() as session:
            deleted = await session.execute(
                delete(MemoryRow).where(which), execution_options={"synchronize_session": False}
            )
        return deleted.rowcount if isinstance(deleted, CursorResult) else 0

    def _oldest(self) -> datetime:
        return datetime.now(UTC) - self._keep

    def _sealed(self, subject: str, text: str) -> bytes:
        return self._cipher.encrypt(text, _place(current_tenant(), subject))

    def _text(self, row: MemoryRow) -> str:
        return self._cipher.decrypt(row.text, _place(row.tenant, row.subject))


def build_memories(resources: Resources) -> Memories:
    """Return the memories of a service; what was kept can be told and deleted where nothing new is remembered, too."""
    settings = resources.settings
    return Memories(resources.store, Cipher(encryption_keys(settings)), settings.memory.keep_days)


def _of(subject: str) -> ColumnElement[bool]:
    return MemoryRow.subject == subject


def _place(tenant: str, subject: str) -> str:
    return f"memory of {tenant}/{subject}"


def _alike(one: str, other: str) -> bool:
    return _bare(one) == _bare(other)


def _bare(text: str) -> str:
    return " ".join(text.casefold().split()).rstrip(".!")
