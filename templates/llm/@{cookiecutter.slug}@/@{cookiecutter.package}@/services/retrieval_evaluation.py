"""How well searches find what they have to find: ``evals/retrieval.yaml``, by one way of searching and by another."""

from collections.abc import Sequence
from pathlib import Path

from pydantic import Field

from ..config.checked import checked
from ..config.files import read_mapping
from ..config.parts import Part
from ..exceptions.evaluation import EvaluationError
from ..interfaces.documents import DocumentCollection
from ..models.documents import Passage, Search
from ..models.fields import Share

LOOKED_AT = 3
"""The passages that a model is given when it asks for no number."""


class RetrievalCase(Part):
    """A search, and the document that it has to find; nothing where none fits."""

    name: str
    query: str = Field(min_length=1)
    document: str | None


class RetrievalCases(Part):
    """Searches, and the share of them that has to find its document."""

    floor: Share
    cases: tuple[RetrievalCase, ...] = Field(min_length=1)


class RetrievalScore(Part):
    """What one way of searching reached.

    Args:
        ranking: Its name.
        recall: The share of searches that found what they had to among the first passages.
        reciprocal_rank: The mean of 1 / rank of the first passage that had to be found; 0 where there was none.
        missed: The names of the cases that failed.
    """

    ranking: str
    recall: Share
    reciprocal_rank: Share
    missed: tuple[str, ...]


def read_retrieval_cases(path: Path) -> RetrievalCases:
    """Return the searches of a file.

    Raises:
        ConfigurationError: It is wrong.
    """
    return checked(RetrievalCases, read_mapping(path), str(path))


async def scored(ranking: str, documents: DocumentCollection, cases: Sequence[RetrievalCase]) -> RetrievalScore:
    """Return what a way of searching reaches."""
    found = await documents.search([Search(case.query, LOOKED_AT) for case in cases])
    ranks = {case.name: _reciprocal_rank(case, passages) for case, passages in zip(cases, found, strict=True)}
    missed = tuple(name for name, rank in ranks.items() if not rank)
    return RetrievalScore(
        ranking=ranking,
        recall=round(1 - len(missed) / len(ranks), 3),
        reciprocal_rank=round(sum(ranks.values()) / len(ranks), 3),
        missed=missed,
    )


def refuse_if_poor(score: RetrievalScore, floor: float) -> None:
    """Say no when too little is found.

    Raises:
        EvaluationError: Names the searches that missed.
    """
    if score.recall < floor:
        message = f"{score.ranking}: {score.recall:.0%} found, {floor:.0%} wanted; missed: {', '.join(score.missed)}"
        raise EvaluationError(message)


def _reciprocal_rank(case: RetrievalCase, passages: Sequence[Passage]) -> float:
    if case.document is None:
        return 0.0 if passages else 1.0
    ranks = [rank for rank, passage in enumerate(passages, start=1) if passage.document_id == case.document]
    return 1 / ranks[0] if ranks else 0.0
