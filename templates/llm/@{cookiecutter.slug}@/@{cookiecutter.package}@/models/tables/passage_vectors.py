"""The vectors of passages, made once for each content and embedder.

They are not encrypted: what they were made of lies beside them, in ``config/documents``.
"""

from sqlalchemy import BigInteger, Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from .base import OfTenant, Table


class PassageVectorRow(OfTenant, Table):
    """One vector, as little-endian numbers of 32 bits; ``digest`` is the SHA-256 of its passage's title and text."""

    __tablename__ = "passage_vectors"
    __table_args__ = (UniqueConstraint("tenant", "embedder", "digest"),)

    number: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    embedder: Mapped[str] = mapped_column(String(255))
    digest: Mapped[str] = mapped_column(String(64))
    vector: Mapped[bytes] = mapped_column(LargeBinary)
