"""The store: a pool of connections to PostgreSQL, or to an SQLite file, opened and closed with the service."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import TypeVar

import structlog
from sqlalchemy import Connection, text
from sqlalchemy.exc import InterfaceError, OperationalError, ProgrammingError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from .. import AGENT
from ..config.store import StoreSettings
from ..exceptions import StoreError
from . import schema
from .store_engine import build_engine, reading
from .tenant_rows import TenantSession

Result = TypeVar("Result")

logger = structlog.get_logger(__name__)

CHECK_WITHIN_SECONDS = 2.0
MEANS_TROUBLE = (OperationalError, InterfaceError, PoolTimeoutError)
"""What SQLAlchemy raises when the store cannot be had; everything else is the program's own matter."""
BEHIND = "the store's tables are out of date"


class Store:
    """Keeps the service's data.

    Args:
        settings: Where, and how many connections.
        state_dir: Where the SQLite file lies when there is no URL.

    Raises:
        ConfigurationError: The URL is missing, or is none.
    """

    def __init__(self, settings: StoreSettings, state_dir: Path) -> None:
        self.engine = build_engine(settings, state_dir)
        self._migrate_at_start = settings.migrate_at_start
        self._up_to_date = False
        self._sessions = async_sessionmaker(self.engine, sync_session_class=TenantSession, expire_on_commit=False)
        self._readers = async_sessionmaker(
            reading(self.engine), sync_session_class=TenantSession, expire_on_commit=False
        )
        # SQLite lets one write at a time: waiting here is fair and quick, waiting in SQLite is neither
        self._writers = asyncio.Lock() if self.engine.dialect.name == "sqlite" else nullcontext()

    @asynccontextmanager
    async def opened(self) -> AsyncIterator["Store"]:
        """Look whether the store is there, and close every connection at the end.

        A store that cannot be had does not keep the service from starting: it is not ready until it can.
        """
        try:
            with suppress(StoreError):
                await self.check()
            yield self
        finally:
            await self.close()

    async def close(self) -> None:
        """Close every connection."""
        await self.engine.dispose()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """Write, all or nothing: committed at the end, rolled back on an error. Rows of other tenants stay untouched.

        Raises:
            StoreError: The store cannot be had.
        """
        with self._translated():
            async with self._writers, self._sessions.begin() as session:
                yield session

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """Read, and see one state of the tenant's data all the time; nothing can be written.

        Raises:
            StoreError: The store cannot be had.
        """
        with self._translated():
            async with self._readers.begin() as session:
                yield session

    async def check(self) -> None:
        """Find out whether the store answers, and see to it once that it has the tables that this version needs.

        Raises:
            StoreError: It does not.
        """
        try:
            async with asyncio.timeout(CHECK_WITHIN_SECONDS), self.reading() as session:
                await session.execute(text("SELECT 1"))
        except TimeoutError as error:
            message = "the store does not answer"
            raise StoreError(message) from error
        if not self._up_to_date:
            await self.run(schema.upgrade if self._migrate_at_start else _compare)
            self._up_to_date = True

    async def run(self, work: Callable[[Connection], Result]) -> Result:
        """Return the result of what works on the connection itself, such as changing the tables, in a transaction.

        Raises:
            StoreError: The store cannot be had.
        """
        with self._translated():
            async with self._writers, self.engine.begin() as connection:
                return await connection.run_sync(work)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except MEANS_TROUBLE as error:
            logger.warning("store_failed", error_type=type(error).__name__, detail=_reason(error))
            message = "the store cannot be had"
            raise StoreError(message) from error
        except ProgrammingError as error:
            if self._up_to_date:
                raise
            raise StoreError(BEHIND) from error  # it asked for what the next steps of the tables bring


def _compare(connection: Connection) -> None:
    if missing := schema.pending(connection):
        logger.error("tables_out_of_date", missing=missing, mend=f"python -m {AGENT} migrate")
        raise StoreError(BEHIND)


def _reason(error: SQLAlchemyError) -> str:
    """Return what the driver said; SQLAlchemy's own text would add the statement and its values."""
    return str(getattr(error, "orig", None) or "no free connection")
