"""Projects as data about people: told, erased, deleted after their time, encrypted anew."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import CursorResult, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..models.project import Project
from ..models.questions import Question
from ..models.tables.projects import ProjectCallRow, ProjectEventRow, ProjectQuestionRow, ProjectRow, ProjectStepRow
from .project_rows import ProjectRows
from .store import Store

AT_ONCE = 100
"""Projects that are read or written together at most."""


class ProjectData:
    """Works on all projects of a store.

    Args:
        store: Where they are.
        rows: Writes and reads them.
        keep_days: Days after its last change when a project is deleted.
    """

    def __init__(self, store: Store, rows: ProjectRows, keep_days: int) -> None:
        self._store = store
        self._rows = rows
        self._keep = timedelta(days=keep_days)

    async def of(self, owner: str) -> AsyncIterator[Project]:
        """Yield the projects of somebody, by id.

        Raises:
            StoreError: They could not be read.
        """
        after = ""
        while found := await self._after(after, owner):
            for project in found:
                yield project
            after = found[-1].id

    async def questions(self, project_id: str) -> list[Question]:
        """Return what a project asked, and what was answered, by id.

        Raises:
            StoreError: They could not be read.
        """
        wanted = select(ProjectQuestionRow).where(ProjectQuestionRow.project_id == project_id)
        async with self._store.reading() as session:
            return [self._rows.asked(row) for row in await session.scalars(wanted.order_by(ProjectQuestionRow.id))]

    async def delete(self, owner: str) -> int:
        """Delete the projects of somebody, running ones included; return how many that were."""
        async with self._store.transaction() as session:
            result = await session.execute(delete(ProjectRow).where(ProjectRow.owner == owner))
            return result.rowcount if isinstance(result, CursorResult) else 0

    async def delete_old(self) -> int:
        """Delete what has been kept long enough; return how many projects that were."""
        oldest = datetime.now(UTC) - self._keep
        async with self._store.transaction() as session:
            result = await session.execute(delete(ProjectRow).where(ProjectRow.updated_at < oldest))
            return result.rowcount if isinstance(result, CursorResult) else 0

    async def renew_encryption(self) -> int:
        """Encrypt everything with the newest key; return how many projects that were. Can be begun again."""
        done, after = 0, ""
        while ids := await self._ids(after):
            for project_id in ids:
                async with self._store.transaction() as session:
                    await self._renew(session, project_id)
            done, after = done + len(ids), ids[-1]
        return done

    async def _after(self, project_id: str, owner: str) -> list[Project]:
        wanted = select(ProjectRow).where(ProjectRow.owner == owner, ProjectRow.id > project_id)
        async with self._store.reading() as session:
            rows = (await session.scalars(wanted.order_by(ProjectRow.id).limit(AT_ONCE))).all()
            steps = select(ProjectStepRow)
            return [
                self._rows.read(row, await session.scalars(steps.where(ProjectStepRow.project_id == row.id)))
                for row in rows
            ]

    async def _ids(self, after: str) -> Sequence[str]:
        wanted = select(ProjectRow.id).where(ProjectRow.id > after).order_by(ProjectRow.id).limit(AT_ONCE)
        async with self._store.reading() as session:
            return (await session.scalars(wanted)).all()

    async def _renew(self, session: AsyncSession, project_id: str) -> None:
        row = await session.get(ProjectRow, project_id, with_for_update=True)
        if row is None:
            return  # deleted in the meantime
        self._rows.renew(row)
        for step in await session.scalars(select(ProjectStepRow).where(ProjectStepRow.project_id == project_id)):
            self._rows.renew(step)
        for event in await session.scalars(select(ProjectEventRow).where(ProjectEventRow.project_id == project_id)):
            self._rows.renew(event)
        for call in await session.scalars(select(ProjectCallRow).where(ProjectCallRow.project_id == project_id)):
            self._rows.renew(call)
        asked = select(ProjectQuestionRow).where(ProjectQuestionRow.project_id == project_id)
        for question in await session.scalars(asked):
            self._rows.renew(question)
