"""Embedders as they are used: guarded like models, their vectors checked, of length one, and told to the observers."""

import math
import time
from array import array
from collections.abc import Sequence

from opentelemetry import trace

from ..exceptions import CommunicationError, DependencyUnavailableError
from ..interfaces.embedder import Embedder
from ..models.embeddings import Embedded, Vector
from ..models.events import EmbedderFailed, TextsEmbedded
from .observers import Observers
from .resilience import Policy, Resilience

tracer = trace.get_tracer(__name__)


class GuardedEmbedder:
    """An embedder with a time limit, retries and a circuit breaker.

    Args:
        embedder: Makes the vectors.
        policy: How far to go for one call.
        observers: Told what it did.
    """

    def __init__(self, embedder: Embedder, policy: Policy, observers: Observers) -> None:
        self._embedder = embedder
        self._observers = observers
        self._resilience = Resilience(f"the embedder {embedder.name}", policy)

    @property
    def name(self) -> str:
        """The embedder's."""
        return self._embedder.name

    async def embed(self, texts: Sequence[str]) -> list[Vector]:
        """Return a vector of length one for each text.

        Raises:
            CommunicationError: They cannot be had.
        """
        started = time.perf_counter()
        try:
            made = await self._resilience.call(lambda: self._made(texts))
        except CommunicationError as error:
            self._observers.notify(
                EmbedderFailed(embedder=self.name, error_type=type(error).__name__, detail=str(error))
            )
            raise
        self._observers.notify(
            TextsEmbedded(
                embedder=self.name, texts=len(texts), tokens=made.tokens, seconds=time.perf_counter() - started
            )
        )
        return [unit(vector) for vector in made.vectors]

    async def close(self) -> None:
        """Close its connections."""
        await self._embedder.close()

    async def _made(self, texts: Sequence[str]) -> Embedded:
        with tracer.start_as_current_span("embedder.embed", attributes={"embedder.name": self.name}):
            made = await self._embedder.embed(texts)
        if not _fit(made.vectors, len(texts)):
            message = f"the embedder {self.name} sent something else than a vector for each text"
            raise DependencyUnavailableError(message)
        return made


def _fit(vectors: Sequence[Vector], texts: int) -> bool:
    """Return whether there is a vector of numbers for each text, all of them of the same size."""
    try:
        finite = all(math.isfinite(value) for vector in vectors for value in vector)
    except TypeError:
        return False  # what a provider sends is not checked by its package
    return finite and len(vectors) == texts and len({len(vector) for vector in vectors}) == 1 and len(vectors[0]) > 0


def unit(vector: Vector) -> Vector:
    """Return a vector in the same direction whose length is one, so that a product with another one is their cosine."""
    length = math.hypot(*vector)
    return array("f", (value / length for value in vector) if length else vector)
