"""What steps at work have done, in the store."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from ..interfaces.step_journal import StepJournal
from ..models.plan import StepId
from ..models.tables.projects import ProjectCallRow
from .project_rows import ProjectRows
from .store import Store


class SqlStepJournal(StepJournal):
    """Keeps a row for each entry; ``SqlProjectStore`` deletes those of steps that are over.

    Args:
        store: Where.
        rows: Writes and reads them.
    """

    def __init__(self, store: Store, rows: ProjectRows) -> None:
        self._store = store
        self._rows = rows

    async def entries(self, project_id: str, step_id: StepId) -> Mapping[str, str]:
        """Read them."""
        wanted = select(ProjectCallRow).where(
            ProjectCallRow.project_id == project_id, ProjectCallRow.step_id == step_id
        )
        async with self._store.reading() as session:
            return {row.key: self._rows.done(row) for row in await session.scalars(wanted)}

    async def keep(self, project_id: str, step_id: StepId, key: str, content: str) -> None:
        """Insert one."""
        try:
            async with self._store.transaction() as session:
                session.add(self._rows.call(project_id, step_id, key, content))
        except IntegrityError:
            return  # another process was first, or the project was erased
