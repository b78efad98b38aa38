"""The tables of projects: the project, its steps, its questions, and what clients were told about it."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from .base import Moment, OfTenant, Table


class ProjectRow(OfTenant, Table):
    """A project. ``content`` is encrypted: goal, plan and answer as JSON.

    ``lease_token`` names the process that works on it until ``lease_until``.
    """

    __tablename__ = "projects"
    __table_args__ = (
        UniqueConstraint("tenant", "owner", "idempotency_key"),
        Index(None, "tenant", "owner", "created_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    owner: Mapped[str] = mapped_column(String(255))
    status: Mapped[str] = mapped_column(String(16))
    correlation_id: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    spent: Mapped[str] = mapped_column(Text)
    runs: Mapped[int]
    cancel_requested: Mapped[bool]
    lease_token: Mapped[str | None] = mapped_column(String(32))
    lease_until: Mapped[datetime | None] = mapped_column(Moment)
    idempotency_key: Mapped[str | None] = mapped_column(String(255))
    request_digest: Mapped[str | None] = mapped_column(String(64))
    events: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment, index=True)


class ProjectStepRow(Table):
    """How far a step has come; ``content`` is encrypted."""

    __tablename__ = "project_steps"

    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True)
    step_id: Mapped[str] = mapped_column(String(128), primary_key=True)
    status: Mapped[str] = mapped_column(String(16))
    content: Mapped[bytes] = mapped_column(LargeBinary)


class ProjectEventRow(Table):
    """An event; ``content`` is encrypted."""

    __tablename__ = "project_events"

    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class ProjectCallRow(Table):
    """What a step at work has done: a model's reply, or what a tool said; ``content`` is encrypted."""

    __tablename__ = "project_calls"

    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True)
    step_id: Mapped[str] = mapped_column(String(128), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class ProjectQuestionRow(Table):
    """A question to a person; ``content`` is encrypted: question and answer as JSON.

    ``taken`` says that the answer is in the state of the step.
    """

    __tablename__ = "project_questions"
    __table_args__ = (Index(None, "status", "due_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    status: Mapped[str] = mapped_column(String(16))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    due_at: Mapped[datetime] = mapped_column(Moment)
    taken: Mapped[bool]
