"""The index of passages by their vectors: kept in the store, held in memory, searched one by one.

Each search looks at every passage, which is exact and takes some 40 ms of a thread for 2,000 passages of 256 numbers.
A collection that is larger by far belongs into a vector database, behind ``interfaces/documents.py``.
"""

import hashlib
from collections.abc import Sequence
from heapq import nlargest
from operator import itemgetter, mul

import structlog

from ..models.documents import Passage
from ..models.embeddings import Vector
from ..models.events import IndexRenewed
from .embedding import GuardedEmbedder
from .observers import Observers
from .passage_vectors import PassageVectors

logger = structlog.get_logger(__name__)


class PassageIndex:
    """Has a vector for each passage, as soon as the embedder made one; made once for each content and embedder.

    Args:
        passages: Those of the collection.
        embedder: Makes their vectors.
        vectors: Where these are kept.
        observers: Told how many there are.
        batch: Passages whose vectors are asked for at once.
    """

    def __init__(
        self,
        passages: Sequence[Passage],
        embedder: GuardedEmbedder,
        vectors: PassageVectors,
        observers: Observers,
        batch: int,
    ) -> None:
        self._passages = {_digest(passage): passage for passage in passages}
        self._embedder = embedder
        self._kept = vectors
        self._observers = observers
        self._batch = batch
        self._vectors: dict[str, Vector] = {}
        """Never changed, only replaced: a search in a thread may be reading it."""
        self._loaded = False

    @property
    def empty(self) -> bool:
        """Whether no passage has a vector yet."""
        return not self._vectors

    @property
    def missing(self) -> list[str]:
        """The digests of passages without a vector."""
        return [digest for digest in self._passages if digest not in self._vectors]

    async def load(self) -> None:
        """Take what the store has; nothing is asked of the embedder.

        Raises:
            StoreError: It cannot be read.
        """
        kept = await self._kept.of(self._embedder.name)
        self._vectors = {digest: kept[digest] for digest in self._passages if digest in kept}
        self._loaded = True
        self._tell()

    async def renew(self) -> None:
        """Make the vectors that are missing, keep them, and delete what is not needed any more; else do nothing.

        Raises:
            CommunicationError: The embedder cannot be had; what it made before is kept.
            StoreError: They cannot be kept.
        """
        if not self._loaded:
            await self.load()
        missing = self.missing
        for start in range(0, len(missing), self._batch):
            await self._make(missing[start : start + self._batch])
        if missing:
            deleted = await self._kept.keep_only(self._embedder.name, self._passages.keys())
            logger.info("index_renewed", embedder=self._embedder.name, made=len(missing), deleted=deleted)

    def nearest(self, wanted: Vector, limit: int, at_least: float) -> list[Passage]:
        """Return the passages whose vectors have the largest cosine with another one, largest first.

        Args:
            wanted: A vector of length one.
            limit: How many at most.
            at_least: The smallest cosine that counts.
        """
        comparable = ((digest, vector) for digest, vector in self._vectors.items() if len(vector) == len(wanted))
        scored = ((sum(map(mul, wanted, vector)), digest) for digest, vector in comparable)
        best = nlargest(limit, (pair for pair in scored if pair[0] >= at_least), key=itemgetter(0))
        return [self._passages[digest] for _, digest in best]

    async def _make(self, digests: Sequence[str]) -> None:
        texts = [_text(self._passages[digest]) for digest in digests]
        made = dict(zip(digests, await self._embedder.embed(texts), strict=True))
        await self._kept.keep(self._embedder.name, made)
        self._vectors = {**self._vectors, **made}
        self._tell()

    def _tell(self) -> None:
        self._observers.notify(IndexRenewed(indexed=len(self._vectors), missing=len(self.missing)))


def _text(passage: Passage) -> str:
    return f"{passage.title}\n{passage.text}"


def _digest(passage: Passage) -> str:
    return hashlib.sha256(_text(passage).encode()).hexdigest()
