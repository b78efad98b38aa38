"""Tasks in the store."""

import hashlib
import json
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from pydantic import JsonValue, TypeAdapter
from pydantic_core import to_json
from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.exc import IntegrityError

from ..exceptions.exchange import ConflictError, IdempotencyError, NotFoundError
from ..models.answer import Answer, Question
from ..models.pages import Page
from ..models.tables.tasks import TaskRow
from ..models.task_state import TaskState
from ..models.tasks import ANSWERING, Change, Order, Task, TaskStatus, Work, new_task_id
from ..utils.correlation import current_correlation_id
from ..utils.encryption import Cipher
from .store import Store

ANSWERS: TypeAdapter[Answer | None] = TypeAdapter(Answer | None)
BATCH = 100
UNFINISHED = (TaskStatus.QUEUED, TaskStatus.RUNNING)


@dataclass(frozen=True)
class Lost:
    """A task that nobody has looked after for too long: its message has to be sent again."""

    id: str
    attempts: int
    correlation_id: str
    tenant: str


class TaskRecords:
    """Writes and reads tasks; a state is read and changed in one step, so that two workers never both make a change.

    Args:
        store: Where they are.
        cipher: Makes questions and answers unreadable for others.
    """

    def __init__(self, store: Store, cipher: Cipher) -> None:
        self._store = store
        self._cipher = cipher

    async def add(self, wanted: Question | Order, subject: str, key: str | None, due_at: datetime) -> tuple[Task, bool]:
        """Add a task; return it, and whether it is new: a key that was used before leads to the task of that time.

        Raises:
            IdempotencyError: That was for something else.
        """
        now = datetime.now(UTC)
        task_id = new_task_id()
        tool, text = (ANSWERING, wanted.question) if isinstance(wanted, Question) else _written(wanted)
        row = TaskRow(
            id=task_id,
            **vars(TaskState.submitted(due_at)),
            submitted_by=subject,
            idempotency_key=key,
            digest=_digest(wanted),
            correlation_id=current_correlation_id(),
            tool=tool,
            question=self._cipher.encrypt(text, _place("question", task_id)),
            created_at=now,
            updated_at=now,
        )
        try:
            async with self._store.transaction() as session:
                session.add(row)
        except IntegrityError:
            return await self._with_key(subject, key, row.digest), False
        return self._task(row), True

    async def get(self, task_id: str) -> Task:
        """Return one task.

        Raises:
            NotFoundError: There is none.
        """
        async with self._store.reading() as session:
            row = await session.get(TaskRow, task_id)
        if row is None:
            message = f"There is no task {task_id}."
            raise NotFoundError(message)
        return self._task(row)

    async def page(self, *, subject: str | None, status: TaskStatus | None, before: str, limit: int) -> Page[Task]:
        """Return up to ``limit`` tasks older than the one with the id ``before``, the newest first."""
        query = select(TaskRow).order_by(TaskRow.id.desc()).limit(limit + 1)
        query = query.where(TaskRow.id < before) if before else query
        query = query.where(TaskRow.submitted_by == subject) if subject is not None else query
        query = query.where(TaskRow.status == status) if status is not None else query
        async with self._store.reading() as session:
            rows = (await session.scalars(query)).all()
        items = tuple(map(self._task, rows[:limit]))
        return Page(items=items, next_cursor=items[-1].id if len(rows) > limit else None)

    async def stream(self, batch: int = BATCH) -> AsyncIterator[Sequence[Task]]:
        """Yield all tasks in batches, each read by itself, the newest first."""
        before = ""
        while True:
            page = await self.page(subject=None, status=None, before=before, limit=batch)
            yield page.items
            if page.next_cursor is None:
                return
            before = page.next_cursor

    async def claim(self, task_id: str, delivery: str, due_at: datetime) -> Work | None:
        """Begin an attempt until ``due_at``; nothing when the task is gone, ended, or somebody else's."""
        now = datetime.now(UTC)
        changed = await self._change(task_id, lambda state: state.claimed(delivery, now, due_at))
        return None if changed is None else self._work(*changed)

    async def succeed(self, task_id: str, came: Answer | JsonValue) -> Change | None:
        """Keep the answer or the result; nothing when the task is not running any more."""
        sealed = self._cipher.encrypt(to_json(came).decode(), _place("answer", task_id))
        return self._told(await self._change(task_id, TaskState.succeeded, sealed))

    async def postpone(self, task_id: str, delivery: str, error: str, due_at: datetime) -> Change | None:
        """Put a running task back; nothing when this delivery does not hold it any more."""
        change = partial(TaskState.postponed, delivery=delivery, error=error[:500], due_at=due_at)
        return self._told(await self._change(task_id, change))

    async def fail(self, task_id: str, delivery: str, error: str) -> Change | None:
        """Give a task up; nothing when it has ended already, or another message's worker is at it."""
        change = partial(TaskState.failed, delivery=delivery, error=error[:500])
        return self._told(await self._change(task_id, change))

    async def revive(self, task_id: str, due_at: datetime) -> Task:
        """Let a task that was given up begin again.

        Raises:
            NotFoundError: There is none.
            ConflictError: It was not given up.
        """
        changed = self._told(await self._change(task_id, partial(TaskState.revived, due_at=due_at)))
        if changed is None:
            known = await self.get(task_id)
            message = f"The task is {known.status}; only failed ones can be begun again."
            raise ConflictError(message)
        return changed.task

    async def hurry(self, task_id: str, due_at: datetime) -> None:
        """Look after a queued task sooner than was thought."""
        change = update(TaskRow).where(TaskRow.id == task_id, TaskRow.status == TaskStatus.QUEUED)
        async with self._store.transaction() as session:
            await session.execute(change.values(due_at=due_at))

    async def lost(self, due_at: datetime, *, all_queued: bool = False, limit: int = BATCH) -> Sequence[Lost]:
        """Return unfinished tasks that are due, to one caller only: they are due again at ``due_at``.

        Args:
            due_at: When they are due next.
            all_queued: Whether every queued one is lost, because the queue began empty.
            limit: The most of them.
        """
        due: ColumnElement[bool] = TaskRow.due_at < datetime.now(UTC)
        wanted = TaskRow.status.in_(UNFINISHED) & due
        if all_queued:
            wanted = (TaskRow.status == TaskStatus.QUEUED) & (TaskRow.due_at < due_at)
        found = select(TaskRow.id).where(wanted).order_by(TaskRow.id).limit(limit)
        async with self._store.reading() as session:
            identifiers = (await session.scalars(found)).all()
        if not identifiers:
            return ()
        taken = select(TaskRow).where(TaskRow.id.in_(identifiers), wanted).order_by(TaskRow.id).with_for_update()
        async with self._store.transaction() as session:
            rows = (await session.scalars(taken)).all()
            for row in rows:
                _put(row, _state(row).abandoned(due_at))
        return [Lost(row.id, row.attempts, row.correlation_id, row.tenant) for row in rows]

    async def count_unfinished(self) -> int:
        """Return how many tasks have not ended."""
        query = select(func.count()).select_from(TaskRow).where(TaskRow.status.in_(UNFINISHED))
        async with self._store.reading() as session:
            return (await session.scalar(query)) or 0

    async def prune(self, ended_before: datetime) -> int:
        """Remove tasks that ended before then; return how many."""
        return await self._delete(TaskRow.status.not_in(UNFINISHED) & (TaskRow.updated_at < ended_before))

    async def erase(self, subject: str) -> int:
        """Remove everything that somebody submitted; return how many tasks that were."""
        return await self._delete(TaskRow.submitted_by == subject)

    async def renew_encryption(self) -> int:
        """Encrypt everything with the newest key; return how many tasks that were. Can be begun again at any time."""
        done, after = 0, ""
        query = select(TaskRow).order_by(TaskRow.id).limit(BATCH).with_for_update()
        while True:
            async with self._store.transaction() as session:
                rows = (await session.scalars(query.where(TaskRow.id > after))).all()
                for row in rows:
                    row.question = self._cipher.renewed(row.question)
                    row.answer = None if row.answer is None else self._cipher.renewed(row.answer)
            done += len(rows)
            if len(rows) < BATCH:
                return done
            after = rows[-1].id

    async def works(self, subject: str) -> AsyncIterator[Work]:
        """Yield everything that somebody submitted, with what was wanted, batch by batch."""
        after = ""
        query = select(TaskRow).where(TaskRow.submitted_by == subject).order_by(TaskRow.id).limit(BATCH)
        while True:
            async with self._store.reading() as session:
                rows = (await session.scalars(query.where(TaskRow.id > after))).all()
            for row in rows:
                yield self._work(_state(row), row)
            if len(rows) < BATCH:
                return
            after = rows[-1].id

    async def _with_key(self, subject: str, key: str | None, digest: str) -> Task:
        query = select(TaskRow).where(TaskRow.submitted_by == subject, TaskRow.idempotency_key == key)
        async with self._store.reading() as session:
            row = (await session.scalars(query)).one()
        if row.digest != digest:
            message = "The Idempotency-Key was used for another question or call."
            raise IdempotencyError(message)
        return self._task(row)

    async def _change(
        self, task_id: str, change: Callable[[TaskState], TaskState | None], answer: bytes | None = None
    ) -> tuple[TaskState, TaskRow] | None:
        """Put a task into its next state; return the one before and the row, or nothing when there is no next one."""
        async with self._store.transaction() as session:
            row = await session.get(TaskRow, task_id, with_for_update=True)
            before = None if row is None else _state(row)
            after = None if before is None else change(before)
            if row is None or before is None or after is None:
                return None
            _put(row, after)
            row.answer, row.updated_at = answer, datetime.now(UTC)
        return before, row

    async def _delete(self, condition: ColumnElement[bool]) -> int:
        async with self._store.transaction() as session:
            return len((await session.scalars(delete(TaskRow).where(condition).returning(TaskRow.id))).all())

    def _work(self, before: TaskState, row: TaskRow) -> Work:
        text = self._cipher.decrypt(row.question, _place("question", row.id))
        wanted = Question(question=text) if row.tool == ANSWERING else Order.model_validate_json(text)
        return Work(before=before.status, task=self._task(row), wanted=wanted)

    def _told(self, changed: tuple[TaskState, TaskRow] | None) -> Change | None:
        return None if changed is None else Change(before=changed[0].status, task=self._task(changed[1]))

    def _task(self, row: TaskRow) -> Task:
        sealed = row.answer
        came = "null" if sealed is None else self._cipher.decrypt(sealed, _place("answer", row.id))
        answers = row.tool == ANSWERING
        return Task(
            id=row.id,
            status=TaskStatus(row.status),
            attempts=row.attempts,
            submitted_by=row.submitted_by,
            created_at=row.created_at,
            updated_at=row.updated_at,
            tool=row.tool,
            answer=ANSWERS.validate_json(came) if answers else None,
            result=None if answers else json.loads(came),
            error=row.error,
        )


def _written(order: Order) -> tuple[str, str]:
    return order.tool, order.model_dump_json()


def _digest(wanted: Question | Order) -> str:
    """Return what is the same for the same request; who asks may have other roles by then."""
    if isinstance(wanted, Question):
        return hashlib.sha256(wanted.question.encode()).hexdigest()
    asked = json.dumps([wanted.tool, wanted.arguments], sort_keys=True)
    return hashlib.sha256(asked.encode()).hexdigest()


def _state(row: TaskRow) -> TaskState:
    return TaskState(
        status=TaskStatus(row.status),
        attempts=row.attempts,
        held_by=row.held_by,
        error=row.error,
        due_at=row.due_at,
    )


def _put(row: TaskRow, state: TaskState | None) -> None:
    for name, value in vars(state).items() if state is not None else ():
        setattr(row, name, value)


def _place(what: str, task_id: str) -> str:
    return f"tasks.{what}:{task_id}"
