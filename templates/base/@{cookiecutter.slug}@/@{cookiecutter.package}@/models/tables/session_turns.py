"""What was said in sessions, and what its owner thinks of the answers; the content is encrypted."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from .base import Moment, OfTenant, Table


class SessionTurnRow(OfTenant, Table):
    """One turn. Its number gives the order: two turns may have the same time."""

    __tablename__ = "session_turns"
    __table_args__ = (Index(None, "tenant", "subject", "session_id", "number"),)

    number: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    subject: Mapped[str] = mapped_column(String(255))
    session_id: Mapped[str] = mapped_column(String(64))
    question: Mapped[bytes] = mapped_column(LargeBinary)
    answer: Mapped[bytes] = mapped_column(LargeBinary)
    correlation_id: Mapped[str] = mapped_column(String(64))
    time: Mapped[datetime] = mapped_column(Moment, index=True)
    turn_id: Mapped[str | None] = mapped_column(String(32))
    score: Mapped[int | None]
    comment: Mapped[bytes | None] = mapped_column(LargeBinary)
    rated_at: Mapped[datetime | None] = mapped_column(Moment)
