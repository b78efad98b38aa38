"""An embedder that needs no network and no download: pieces of words, counted in places.

It knows nothing of meaning. What it adds to a search by words are words that are spelled, bent or put together in
another way (``refnd``, ``shipments``, ``cardpayment``). For meaning configure a provider.
Hashing: Weinberger et al. 2009, "Feature Hashing for Large Scale Multitask Learning"; pieces of words: Bojanowski
et al. 2017, "Enriching Word Vectors with Subword Information".
"""

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from zlib import crc32

from ..interfaces.embedder import Embedder
from ..models.embeddings import Embedded, Vector
from .documents import STOP_WORDS

WORD = re.compile(r"\w+")
SIZES = (3, 4, 5)
"""Letters of a piece; the edges of the word count as one each."""
SIGN = 1 << 31


class HashedEmbedder(Embedder):
    """The same text has the same vector on every machine.

    Args:
        dimensions: Of a vector; the more, the fewer pieces fall together.
    """

    def __init__(self, dimensions: int) -> None:
        self._dimensions = dimensions

    @property
    def name(self) -> str:
        """Its kind and its dimensions."""
        return f"hashed/{self._dimensions}"

    async def embed(self, texts: Sequence[str]) -> Embedded:
        """Return a vector for each text."""
        return Embedded([self._vector(text) for text in texts])

    async def close(self) -> None:
        """Close nothing: it holds nothing open."""

    def _vector(self, text: str) -> Vector:
        vector = [0.0] * self._dimensions
        for piece, times in Counter(_pieces(text)).items():
            place = crc32(piece.encode())
            weight = math.sqrt(times)  # what is repeated counts less and less
            vector[place % self._dimensions] += weight if place & SIGN else -weight
        return vector


def _pieces(text: str) -> Iterator[str]:
    for word in WORD.findall(text.casefold()):
        if word in STOP_WORDS:
            continue
        edged = f"<{word}>"
        yield edged
        for size in SIZES:
            yield from (edged[start : start + size] for start in range(len(edged) - size + 1))
