"""Texts as vectors."""

from collections.abc import Sequence
from dataclasses import dataclass

Vector = Sequence[float]


@dataclass(frozen=True)
class Embedded:
    """A vector for each text, in their order, and the tokens that it took."""

    vectors: Sequence[Vector]
    tokens: int = 0
