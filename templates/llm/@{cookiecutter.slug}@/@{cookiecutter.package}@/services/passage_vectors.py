"""The vectors of passages in the store; each tenant has its own rows, as everywhere."""

import struct
from array import array
from collections.abc import Collection, Mapping

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite

from ..models.embeddings import Vector
from ..models.tables.passage_vectors import PassageVectorRow
from .store import Store

INSERTS: dict[str, type[postgresql.Insert] | type[sqlite.Insert]] = {
    "postgresql": postgresql.Insert,
    "sqlite": sqlite.Insert,
}
AT_ONCE = 500
"""Rows that are deleted together at most."""
BYTES = 4
"""Of one number of a vector."""


class PassageVectors:
    """Keeps vectors by embedder and by the digest of what they were made of.

    Args:
        store: Where they are kept.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._insert = INSERTS[store.engine.dialect.name]

    async def of(self, embedder: str) -> dict[str, Vector]:
        """Return what is kept of an embedder, by digest.

        Raises:
            StoreError: It could not be read.
        """
        wanted = select(PassageVectorRow.digest, PassageVectorRow.vector).where(PassageVectorRow.embedder == embedder)
        async with self._store.reading() as session:
            return {digest: _unpacked(stored) for digest, stored in await session.execute(wanted)}

    async def keep(self, embedder: str, vectors: Mapping[str, Vector]) -> None:
        """Keep vectors by digest; what another replica kept meanwhile stays.

        Raises:
            StoreError: They could not be written.
        """
        rows = [
            {"embedder": embedder, "digest": digest, "vector": _packed(vector)} for digest, vector in vectors.items()
        ]
        async with self._store.transaction() as session:
            await session.execute(self._insert(PassageVectorRow).on_conflict_do_nothing(), rows)

    async def keep_only(self, embedder: str, digests: Collection[str]) -> int:
        """Delete what no passage needs any more, of other embedders too; return how many vectors that were.

        Raises:
            StoreError: They could not be deleted.
        """
        known = select(PassageVectorRow.number, PassageVectorRow.embedder, PassageVectorRow.digest)
        async with self._store.transaction() as session:
            rows = await session.execute(known)
            gone = [number for number, maker, digest in rows if maker != embedder or digest not in digests]
            for start in range(0, len(gone), AT_ONCE):
                batch = gone[start : start + AT_ONCE]
                await session.execute(delete(PassageVectorRow).where(PassageVectorRow.number.in_(batch)))
        return len(gone)


def _packed(vector: Vector) -> bytes:
    return struct.pack(f"<{len(vector)}f", *vector)


def _unpacked(stored: bytes) -> Vector:
    return array("f", struct.unpack(f"<{len(stored) // BYTES}f", stored))
