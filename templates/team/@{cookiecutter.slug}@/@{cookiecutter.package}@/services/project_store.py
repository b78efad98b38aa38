"""Projects in the store."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from ..exceptions.projects import IdempotencyError, LeaseLostError, ProjectConflictError
from ..interfaces.project_store import IdempotencyKey, Progress, ProjectStore
from ..models.project import ENDED, OVER, RESUMABLE, Project, ProjectStatus
from ..models.project_events import NumberedEvent
from ..models.questions import QuestionStatus
from ..models.tables.projects import ProjectCallRow, ProjectEventRow, ProjectQuestionRow, ProjectRow, ProjectStepRow
from .project_rows import ProjectRows, status_of
from .store import Store


class SqlProjectStore(ProjectStore):
    """Keeps a row for each project, step and event.

    Args:
        store: Where.
        rows: Writes and reads them.
    """

    def __init__(self, store: Store, rows: ProjectRows) -> None:
        self._store = store
        self._rows = rows

    async def create(self, project: Project, token: str, lease: float, key: IdempotencyKey | None) -> Project:
        """Insert the project; the unique key decides when two requests come at the same time."""
        row = ProjectRow(
            id=project.id,
            owner=project.owner,
            tenant=project.tenant,
            correlation_id=project.correlation_id,
            cancel_requested=False,
            lease_token=token,
            lease_until=_in(lease),
            idempotency_key=key.key if key else None,
            request_digest=key.digest if key else None,
            events=0,
            created_at=project.created_at,
        )
        self._rows.write(row, project)
        try:
            async with self._store.transaction() as session:
                session.add(row)
        except IntegrityError:
            if key is None:
                raise
            return await self._made_before(project.owner, key)
        return project

    async def get(self, project_id: str) -> Project | None:
        """Read the project and its steps."""
        async with self._store.reading() as session:
            row = await session.get(ProjectRow, project_id)
            return None if row is None else await self._read(session, row)

    async def owned_by(self, owner: str, limit: int) -> Sequence[Project]:
        """Read the newest ones."""
        query = select(ProjectRow).where(ProjectRow.owner == owner).order_by(ProjectRow.created_at.desc()).limit(limit)
        async with self._store.reading() as session:
            return [await self._read(session, row) for row in await session.scalars(query)]

    async def take_over(
        self, project_id: str, token: str, lease: float, allowed: Collection[ProjectStatus] = RESUMABLE
    ) -> Project:
        """Lease it, in one transaction with finding out whether it is free."""
        async with self._store.transaction() as session:
            row = await session.get(ProjectRow, project_id, with_for_update=True)
            status = status_of(row) if row else None
            if row is None or status not in allowed:
                message = f"The project cannot be taken up: it is {status or 'gone'}."
                raise ProjectConflictError(message)
            row.status = ProjectStatus.RUNNING
            row.runs += 1
            row.cancel_requested = False
            row.lease_token, row.lease_until = token, _in(lease)
            return await self._read(session, row)

    async def save(self, progress: Progress, token: str, lease: float) -> None:
        """Write the project, the changed steps, and what is new of events and questions."""
        project = progress.project
        async with self._store.transaction() as session:
            row = await _leased(session, project.id, token)
            for number, event in enumerate(progress.events, start=row.events + 1):
                session.add(self._rows.event(project.id, number, event))
            row.events += len(progress.events)
            row.lease_until = _in(lease)
            self._rows.write(row, project)
            for step_id in progress.changed:
                await session.merge(self._rows.step(project, step_id))
            session.add_all(self._rows.question(question) for question in progress.asked)
            await _forget_calls(session, progress)
            await _settle_questions(session, progress)

    async def renew(self, project_id: str, token: str, lease: float) -> bool:
        """Write the lease anew."""
        async with self._store.transaction() as session:
            row = await _leased(session, project_id, token)
            row.lease_until = _in(lease)
            return row.cancel_requested

    async def release(self, project_id: str, token: str) -> None:
        """Take the lease away."""
        free = update(ProjectRow).where(ProjectRow.id == project_id, ProjectRow.lease_token == token)
        async with self._store.transaction() as session:
            await session.execute(free.values(lease_token=None, lease_until=None))

    async def request_cancel(self, project_id: str) -> None:
        """Set the flag that ``renew`` returns."""
        async with self._store.transaction() as session:
            await session.execute(update(ProjectRow).where(ProjectRow.id == project_id).values(cancel_requested=True))

    async def events(self, project_id: str, after: int) -> Sequence[NumberedEvent]:
        """Read them."""
        query = (
            select(ProjectEventRow)
            .where(ProjectEventRow.project_id == project_id, ProjectEventRow.number > after)
            .order_by(ProjectEventRow.number)
        )
        async with self._store.reading() as session:
            return [self._rows.told(row) for row in await session.scalars(query)]

    async def _made_before(self, owner: str, key: IdempotencyKey) -> Project:
        query = select(ProjectRow).where(ProjectRow.owner == owner, ProjectRow.idempotency_key == key.key)
        async with self._store.reading() as session:
            row = (await session.scalars(query)).one()
            if row.request_digest != key.digest:
                message = "The Idempotency-Key was used before, for another request."
                raise IdempotencyError(message)
            return await self._read(session, row)

    async def _read(self, session: AsyncSession, row: ProjectRow) -> Project:
        steps = await session.scalars(select(ProjectStepRow).where(ProjectStepRow.project_id == row.id))
        return self._rows.read(row, steps)


async def _leased(session: AsyncSession, project_id: str, token: str) -> ProjectRow:
    row = await session.get(ProjectRow, project_id, with_for_update=True)
    if row is None or row.lease_token != token:
        message = "another process works on the project, or it was erased"
        raise LeaseLostError(message)
    return row


async def _forget_calls(session: AsyncSession, progress: Progress) -> None:
    """Delete what steps did that are over: one that is tried again begins from the start."""
    project = progress.project
    if over := [step_id for step_id in progress.changed if project.state(step_id).status in OVER]:
        calls = delete(ProjectCallRow).where(ProjectCallRow.project_id == project.id)
        await session.execute(calls.where(ProjectCallRow.step_id.in_(over)))


async def _settle_questions(session: AsyncSession, progress: Progress) -> None:
    change = update(ProjectQuestionRow).where(ProjectQuestionRow.project_id == progress.project.id)
    if progress.taken:
        await session.execute(change.where(ProjectQuestionRow.id.in_(progress.taken)).values(taken=True))
    if progress.project.status in ENDED:
        still_open = change.where(ProjectQuestionRow.status == QuestionStatus.OPEN)
        await session.execute(still_open.values(status=QuestionStatus.WITHDRAWN))


def _in(seconds: float) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)
