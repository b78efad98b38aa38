"""The table of tasks."""

from datetime import datetime

from sqlalchemy import Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from .base import Moment, OfTenant, Table


class TaskRow(OfTenant, Table):
    """A task. What it is about and what came of it are encrypted: ``question`` and ``answer``, of every tool.

    ``due_at`` is when somebody has to look after it, if nothing happened to it until then: its message is lost.
    """

    __tablename__ = "tasks"
    __table_args__ = (
        UniqueConstraint("tenant", "submitted_by", "idempotency_key"),
        Index("ix_tasks_tenant_submitted_by_id", "tenant", "submitted_by", "id"),
        Index("ix_tasks_status_due_at", "status", "due_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    status: Mapped[str] = mapped_column(String(16))
    attempts: Mapped[int] = mapped_column(default=0)
    submitted_by: Mapped[str] = mapped_column(String(255))
    idempotency_key: Mapped[str | None] = mapped_column(String(128))
    digest: Mapped[str] = mapped_column(String(64))
    correlation_id: Mapped[str] = mapped_column(String(64))
    tool: Mapped[str] = mapped_column(String(64), server_default="answer.text")
    question: Mapped[bytes] = mapped_column(LargeBinary)
    answer: Mapped[bytes | None] = mapped_column(LargeBinary)
    held_by: Mapped[str | None] = mapped_column(String(200))
    error: Mapped[str | None] = mapped_column(String(500))
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)
    due_at: Mapped[datetime] = mapped_column(Moment)
