"""What users asked to be remembered; encrypted."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from .base import Moment, OfTenant, Table


class MemoryRow(OfTenant, Table):
    """One memory of one user."""

    __tablename__ = "memories"
    __table_args__ = (Index(None, "tenant", "subject", "number"),)

    number: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    subject: Mapped[str] = mapped_column(String(255))
    memory_id: Mapped[str] = mapped_column(String(32))
    text: Mapped[bytes] = mapped_column(LargeBinary)
    time: Mapped[datetime] = mapped_column(Moment, index=True)
