"""The names that clients gave their sessions; encrypted, like what was said."""

from sqlalchemy import BigInteger, Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from .base import OfTenant, Table


class SessionNameRow(OfTenant, Table):
    """The name of one session; it goes with the last of its turns."""

    __tablename__ = "session_names"
    __table_args__ = (UniqueConstraint("tenant", "subject", "session_id"),)

    number: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    subject: Mapped[str] = mapped_column(String(255))
    session_id: Mapped[str] = mapped_column(String(64))
    name: Mapped[bytes] = mapped_column(LargeBinary)
