"""A collection that is searched by words and by vectors; without the vectors, by words."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from ..config.retrieval import RetrievalConfig
from ..exceptions import CommunicationError, ConfigurationError, StoreError
from ..interfaces.documents import DocumentCollection
from ..models.documents import Document, Passage, Search
from ..models.embeddings import Vector
from ..models.events import PassagesSearched
from .documents import FolderDocuments
from .embedding import GuardedEmbedder
from .observers import Observers
from .passage_index import PassageIndex
from .passage_vectors import PassageVectors
from .periodic import Periodic
from .providers import build_embedder
from .resilience import Policy
from .resources import Resources

RANK_CONSTANT = 60
"""How little the first ranks count above the next: Cormack et al. 2009, "Reciprocal Rank Fusion"."""
CANDIDATES = 20
"""Passages of each ranking that are looked at, at least."""
RENEWAL_SECONDS = 60.0
INDEXING_TIMEOUT_SECONDS = 60.0
"""For one batch of passages; nobody waits for it."""
PROBE = "ready?"


class HybridDocuments(DocumentCollection):
    """Ranks passages by words and by vectors, and puts both rankings together.

    Args:
        documents: What is searched, and searches it by words.
        index: Searches it by vectors.
        embedder: Makes the vectors of queries.
        observers: Told how was searched.
        periodic: Makes the vectors that are missing.
        min_similarity: The cosine below which a passage does not fit.
    """

    def __init__(  # noqa: PLR0913, PLR0917  # a collection's parts
        self,
        documents: FolderDocuments,
        index: PassageIndex,
        embedder: GuardedEmbedder,
        observers: Observers,
        periodic: Periodic,
        min_similarity: float,
    ) -> None:
        self._documents = documents
        self._index = index
        self._embedder = embedder
        self._observers = observers
        self._periodic = periodic
        self._min_similarity = min_similarity

    async def all(self) -> Sequence[Document]:
        """Return the documents by id."""
        return await self._documents.all()

    async def read(self, document_id: str) -> Document | None:
        """Return the document of that id."""
        return await self._documents.read(document_id)

    async def search(self, searches: Sequence[Search]) -> Sequence[Sequence[Passage]]:
        """Return the passages that stand first in both rankings; the vectors of all queries are made at once."""
        wide = [Search(search.query, max(search.limit, CANDIDATES)) for search in searches]
        by_words = await self._documents.search(wide)
        vectors = await self._query_vectors(searches)
        self._observers.notify(PassagesSearched(ranking="hybrid" if vectors else "words", searches=len(searches)))
        if not vectors:
            return [found[: search.limit] for search, found in zip(searches, by_words, strict=True)]
        by_vectors = await asyncio.to_thread(self._nearest, wide, vectors)  # so that others go on meanwhile
        return [fused(rankings, search.limit) for search, *rankings in zip(searches, by_words, by_vectors, strict=True)]

    async def open(self) -> None:
        """Take the index from the store, and make what it lacks beside the work."""
        with suppress(StoreError):  # then the service is not ready, and the renewal tries again
            await self._index.load()
        self._periodic.start("passage_index", self._index.renew, RENEWAL_SECONDS)

    async def prepare(self) -> None:
        """Make the whole index at once.

        Raises:
            CommunicationError: The embedder cannot be had.
            StoreError: The index cannot be kept.
        """
        await self._index.renew()

    async def dependencies(self) -> Mapping[str, bool]:
        """Return whether the embedder can be had."""
        try:
            await self._embedder.embed([PROBE])
        except CommunicationError:
            return {"embedder": False}
        return {"embedder": True}

    async def close(self) -> None:
        """Close the embedder's connections."""
        await self._embedder.close()

    async def _query_vectors(self, searches: Sequence[Search]) -> list[Vector]:
        """Return the vector of each query, or none when they cannot be had."""
        if self._index.empty:
            return []
        try:
            return await self._embedder.embed([search.query for search in searches])
        except CommunicationError:
            return []

    def _nearest(self, searches: Sequence[Search], vectors: Sequence[Vector]) -> list[list[Passage]]:
        return [
            self._index.nearest(vector, search.limit, self._min_similarity)
            for search, vector in zip(searches, vectors, strict=True)
        ]


def fused(rankings: Sequence[Sequence[Passage]], limit: int) -> list[Passage]:
    """Return what stands first in several rankings together (reciprocal rank fusion)."""
    scores: dict[Passage, float] = defaultdict(float)
    for ranking in rankings:
        for rank, passage in enumerate(ranking, start=1):
            scores[passage] += 1 / (RANK_CONSTANT + rank)
    return sorted(scores, key=lambda passage: -scores[passage])[:limit]


def build_hybrid(
    documents: FolderDocuments, config: RetrievalConfig, resources: Resources, observers: Observers
) -> HybridDocuments:
    """Return the collection with a search by vectors beside that by words.

    Raises:
        ConfigurationError: The embedder lacks its key or its package, a search would not end in time without it, or
            there are too many passages.
    """
    limits = resources.settings.limits
    if config.timeout >= limits.tool_timeout:
        message = f"retrieval.yaml: timeout must be below tool_timeout ({limits.tool_timeout:g} s)"
        raise ConfigurationError(message)
    if len(documents.passages) > config.max_passages:
        message = f"the documents hold {len(documents.passages)} passages, more than max_passages of retrieval.yaml"
        raise ConfigurationError(message)
    embedder = build_embedder(config.embedder, INDEXING_TIMEOUT_SECONDS)
    policy = Policy(
        timeout=config.timeout,
        retries=limits.retries,
        threshold=limits.breaker_threshold,
        cooldown=limits.breaker_cooldown,
    )
    indexing = GuardedEmbedder(embedder, replace(policy, timeout=INDEXING_TIMEOUT_SECONDS), observers)
    index = PassageIndex(documents.passages, indexing, PassageVectors(resources.store), observers, config.batch)
    asking = GuardedEmbedder(embedder, policy, observers)
    return HybridDocuments(documents, index, asking, observers, resources.periodic, config.min_similarity)
