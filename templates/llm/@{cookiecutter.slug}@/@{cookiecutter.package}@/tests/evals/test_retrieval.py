"""What searches find, by words and by both, offline: `python -m … retrieval evaluate` says the same of a provider."""

from pathlib import Path

from ...config.settings import PROJECT
from ...services.documents import FolderDocuments
from ...services.hashed_embedder import HashedEmbedder
from ...services.retrieval_evaluation import read_retrieval_cases, scored
from ..fixtures.models import Recorder
from ..fixtures.retrieval import hybrid
from ..fixtures.store import empty_store


async def test_vectors_find_what_words_find_and_more(tmp_path: Path) -> None:
    wanted, folder = read_retrieval_cases(PROJECT / "evals" / "retrieval.yaml"), PROJECT / "config" / "documents"
    async with empty_store(tmp_path).opened() as store:
        documents = hybrid(folder, store, HashedEmbedder(512), Recorder(), batch=64)
        await documents.prepare()
        by_words = await scored("words", FolderDocuments(folder), wanted.cases)
        by_both = await scored("hybrid", documents, wanted.cases)
    assert by_both.recall >= wanted.floor, by_both.missed
    assert set(by_both.missed) < set(by_words.missed)
    assert by_both.reciprocal_rank > by_words.reciprocal_rank
