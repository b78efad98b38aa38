"""How a task stands, and what can become of it: the one place where that is decided.

A state never changes. What happens to a task gives its next state, or none when it can not happen any more: it came too
late, from a worker that was thought dead, or twice.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from .tasks import TaskStatus


@dataclass(frozen=True, kw_only=True)
class TaskState:
    """A state.

    Args:
        status: Where the task is.
        attempts: How often it was begun.
        held_by: The delivery that works on it, or did so last: ``<message id>#<attempt>``.
        error: What kept its last attempt from succeeding.
        due_at: When somebody has to look after it, if nothing happened to it until then.
    """

    status: TaskStatus
    attempts: int = 0
    held_by: str | None = None
    error: str | None = None
    due_at: datetime

    @classmethod
    def submitted(cls, due_at: datetime) -> Self:
        """Return how a task begins."""
        return cls(status=TaskStatus.QUEUED, due_at=due_at)

    def claimed(self, delivery: str, now: datetime, until: datetime) -> Self | None:
        """Return the next attempt; none when the task has ended, or somebody else works on it.

        A message is in one hand at a time: when the one that a running task was claimed with comes again, the worker
        that had it is dead.
        """
        abandoned = self._has(delivery) or self.due_at < now
        if self.status is TaskStatus.QUEUED or (self.status is TaskStatus.RUNNING and abandoned):
            return replace(self, status=TaskStatus.RUNNING, attempts=self.attempts + 1, held_by=delivery, due_at=until)
        return None

    def succeeded(self) -> Self | None:
        """Return the good end; an answer counts whoever of its workers has it first."""
        running = self.status is TaskStatus.RUNNING
        return replace(self, status=TaskStatus.SUCCEEDED, error=None) if running else None

    def postponed(self, delivery: str, error: str, due_at: datetime) -> Self | None:
        """Return the wait for another attempt; none when another delivery works on it by now."""
        if self.status is TaskStatus.RUNNING and self.held_by == delivery:
            return replace(self, status=TaskStatus.QUEUED, error=error, due_at=due_at)
        return None

    def failed(self, delivery: str, error: str) -> Self | None:
        """Return the bad end; none when another message's worker is at it."""
        if self.status is TaskStatus.QUEUED or (self.status is TaskStatus.RUNNING and self._has(delivery)):
            return replace(self, status=TaskStatus.FAILED, error=error)
        return None

    def abandoned(self, due_at: datetime) -> Self | None:
        """Return the wait for another worker when nobody looked after it in time: its own is dead, or has not heard."""
        return None if self.status.final else replace(self, status=TaskStatus.QUEUED, due_at=due_at)

    def revived(self, due_at: datetime) -> Self | None:
        """Return a new beginning of what was given up."""
        return type(self).submitted(due_at) if self.status is TaskStatus.FAILED else None

    def _has(self, delivery: str) -> bool:
        """Tell whether it is held by this message, maybe by an earlier delivery of it."""
        return self.held_by is not None and _message(self.held_by) == _message(delivery)


def _message(delivery: str) -> str:
    return delivery.rpartition("#")[0]
