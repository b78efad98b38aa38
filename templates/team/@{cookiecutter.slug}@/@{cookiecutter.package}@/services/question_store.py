"""Questions in the store."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from ..exceptions.projects import ProjectConflictError
from ..interfaces.question_store import QuestionStore
from ..models.project import ProjectStatus
from ..models.questions import SETTLED, Question, QuestionStatus
from ..models.tables.projects import ProjectQuestionRow, ProjectRow
from .project_rows import ProjectRows
from .store import Store

OPEN = ProjectQuestionRow.status == QuestionStatus.OPEN
DECIDED = ProjectQuestionRow.status.in_(sorted(SETTLED))
NOT_TAKEN = ProjectQuestionRow.taken.is_(False)


class SqlQuestionStore(QuestionStore):
    """Keeps a row for each question.

    Args:
        store: Where.
        rows: Writes and reads them.
    """

    def __init__(self, store: Store, rows: ProjectRows) -> None:
        self._store = store
        self._rows = rows

    async def question(self, question_id: str) -> Question | None:
        """Read it."""
        async with self._store.reading() as session:
            row = await session.get(ProjectQuestionRow, question_id)
            return None if row is None else self._rows.asked(row)

    async def open_questions(self, owner: str | None, limit: int) -> Sequence[Question]:
        """Read those whose projects belong to the owner."""
        query = select(ProjectQuestionRow).join(ProjectRow).where(OPEN)
        if owner is not None:
            query = query.where(ProjectRow.owner == owner)
        async with self._store.reading() as session:
            rows = await session.scalars(query.order_by(ProjectQuestionRow.due_at).limit(limit))
            return [self._rows.asked(row) for row in rows]

    async def settle(self, question_id: str, status: QuestionStatus, answer: str) -> Question:
        """Write it, in one transaction with finding out whether it is open."""
        async with self._store.transaction() as session:
            row = await session.get(ProjectQuestionRow, question_id, with_for_update=True)
            if row is None or row.status != QuestionStatus.OPEN:
                message = f"The question is {row.status if row else 'gone'} already."
                raise ProjectConflictError(message)
            question = self._rows.asked(row).model_copy(update={"status": status, "answer": answer})
            self._rows.write_question(row, question)
            return question

    async def settled(self, project_id: str) -> Sequence[Question]:
        """Read them."""
        query = select(ProjectQuestionRow).where(ProjectQuestionRow.project_id == project_id, DECIDED, NOT_TAKEN)
        async with self._store.reading() as session:
            return [self._rows.asked(row) for row in await session.scalars(query)]

    async def overdue(self, now: datetime, limit: int) -> Sequence[str]:
        """Read their ids."""
        query = select(ProjectQuestionRow.id).where(OPEN, ProjectQuestionRow.due_at < now)
        async with self._store.reading() as session:
            return (await session.scalars(query.order_by(ProjectQuestionRow.due_at).limit(limit))).all()

    async def able_to_go_on(self, limit: int) -> Sequence[str]:
        """Read their ids."""
        query = select(ProjectQuestionRow.project_id).join(ProjectRow).where(DECIDED, NOT_TAKEN)
        waiting = query.where(ProjectRow.status == ProjectStatus.WAITING).distinct().limit(limit)
        async with self._store.reading() as session:
            return (await session.scalars(waiting)).all()
