"""Search by vectors beside the search by words: kept, renewed, put together, and done without."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from pydantic import ValidationError

from ...config.settings import ENVIRONMENTS, Settings
from ...exceptions import CommunicationError, ConfigurationError, DependencyUnavailableError, StoreError
from ...models.documents import Passage, Search
from ...models.embeddings import Vector
from ...models.events import EmbedderFailed, IndexRenewed, PassagesSearched
from ...services.agent import build_agent
from ...services.documents import FolderDocuments
from ...services.embedding import GuardedEmbedder
from ...services.hashed_embedder import HashedEmbedder
from ...services.hybrid_documents import fused
from ...services.observers import Observers
from ...services.passage_vectors import PassageVectors
from ...services.resources import build_resources
from ...services.store import Store
from ...utils.tenancy import bind_tenant
from ..fixtures.models import POLICY, Recorder
from ..fixtures.retrieval import CountingEmbedder, hybrid, searching_by
from ..fixtures.service import limited, make_settings
from ..fixtures.store import empty_store

HASHED = {"provider": "hashed", "dimensions": 64}
SEARCHES = [Search("waranty of a devise", 1), Search("quantum physics", 1)]


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with empty_store(tmp_path).opened() as store:
        yield store


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "warranty.md").write_text(
        "# Warranty\n\nEvery device has one.\n\nBatteries have another one.\n\nWater ends it."
    )
    (folder / "shipping.md").write_text("# Shipping\n\nParcels take three days.")
    return folder


async def test_both_rankings_count_and_what_fits_neither_is_not_found(folder: Path, store: Store) -> None:
    recorder = Recorder()
    documents = hybrid(folder, store, CountingEmbedder(), recorder)
    assert list(map(list, await documents.search(SEARCHES))) == [[], []]  # there is no index yet
    await documents.prepare()
    (found,), nothing = await documents.search(SEARCHES)
    assert (found.document_id, list(nothing)) == ("warranty", [])
    assert [event.ranking for event in recorder.of(PassagesSearched)] == ["words", "hybrid"]
    assert [event.indexed for event in recorder.of(IndexRenewed)] == [0, 2, 4]
    assert await documents.read("shipping") == (await documents.all())[0]


async def test_vectors_are_made_once_for_each_content_and_embedder(folder: Path, store: Store) -> None:
    async def texts(name: str = "one") -> list[str]:
        embedder = CountingEmbedder(name)
        await hybrid(folder, store, embedder, Recorder()).prepare()
        return embedder.texts

    assert len(await texts()) == 4
    assert await texts() == []
    (folder / "shipping.md").write_text("# Shipping\n\nParcels take four days.")
    assert await texts() == ["Shipping\nParcels take four days."]
    assert len(await PassageVectors(store).of("one")) == 4  # the old one is gone
    assert len(await texts("other")) == 4
    assert await PassageVectors(store).of("one") == {}


async def test_a_store_that_was_away_at_the_start_is_asked_again(
    folder: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    await hybrid(folder, store, CountingEmbedder(), Recorder()).prepare()

    async def gone(*_: object) -> None:
        raise StoreError("the store cannot be had")

    embedder, recorder = CountingEmbedder(), Recorder()
    documents = hybrid(folder, store, embedder, recorder)
    with monkeypatch.context() as away:
        away.setattr(PassageVectors, "of", gone)
        await documents.open()
        assert recorder.of(IndexRenewed) == []
    await documents.prepare()
    assert embedder.texts == []
    assert set(recorder.of(IndexRenewed)) == {IndexRenewed(indexed=4, missing=0)}  # once or twice
    await documents._periodic.stop()


async def test_another_replica_may_have_been_quicker(store: Store) -> None:
    vectors = PassageVectors(store)
    await vectors.keep("one", {"a": [0.5, 0.25]})
    await vectors.keep("one", {"a": [0.0, 0.0], "b": [1.0, 0.0]})
    assert {digest: list(vector) for digest, vector in (await vectors.of("one")).items()} == {
        "a": [0.5, 0.25],
        "b": [1.0, 0.0],
    }


async def test_tenants_have_vectors_of_their_own(store: Store) -> None:
    vectors = PassageVectors(store)
    await vectors.keep("one", {"a": [0.5]})
    bind_tenant("acme")
    assert await vectors.of("one") == {}
    await vectors.keep("one", {"a": [0.25]})
    assert await vectors.keep_only("another", ()) == 1
    bind_tenant("default")
    assert [list(vector) for vector in (await vectors.of("one")).values()] == [[0.5]]


async def test_without_the_embedder_words_decide_and_the_index_goes_on_later(folder: Path, store: Store) -> None:
    embedder, recorder = CountingEmbedder(), Recorder()
    documents = hybrid(folder, store, embedder, recorder, batch=3)
    await documents.prepare()
    embedder.failure = DependencyUnavailableError("gone")
    (found,) = await documents.search([Search("device", 3)])
    assert [passage.text for passage in found] == ["Every device has one."]
    assert await documents.dependencies() == {"embedder": False}
    assert recorder.of(PassagesSearched)[-1].ranking == "words"
    assert recorder.of(EmbedderFailed)[0].error_type == "DependencyUnavailableError"
    (folder / "shipping.md").write_text("# Shipping\n\nParcels take five days.")
    again = hybrid(folder, store, embedder, recorder)
    with pytest.raises(CommunicationError):
        await again.prepare()
    assert recorder.of(IndexRenewed)[-1] == IndexRenewed(indexed=3, missing=1)
    embedder.failure = None
    await again.prepare()
    assert recorder.of(IndexRenewed)[-1] == IndexRenewed(indexed=4, missing=0)
    assert await again.dependencies() == {"embedder": True}
    await again.close()
    assert embedder.closed


@pytest.mark.parametrize("sent", [[], [[1.0], [1.0]], [[]], [[float("nan")]], [["1"]], [None]])
async def test_what_is_no_vector_is_refused(sent: Sequence[Vector]) -> None:
    embedder, recorder = CountingEmbedder(), Recorder()
    embedder.instead = sent
    with pytest.raises(DependencyUnavailableError, match="something else than a vector"):
        await GuardedEmbedder(embedder, POLICY, Observers([recorder])).embed(["one"])
    assert len(recorder.of(EmbedderFailed)) == 1


def test_what_stands_first_in_both_rankings_wins() -> None:
    a, b, c = (Passage(document_id=name, title=name, text=name) for name in "abc")
    assert fused([[a, b], [b, c]], 3) == [b, a, c]
    assert fused([[a], []], 3) == [a]
    assert fused([[a, b, c]], 2) == [a, b]


async def test_the_offline_embedder_says_the_same_everywhere() -> None:
    made = await HashedEmbedder(8).embed(["warranty", "the", ""])
    assert list(made.vectors[0]) == [-2, -2, 2, 0, 1, -1, 0, 0]
    assert list(made.vectors[1]) == list(made.vectors[2]) == [0.0] * 8


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_words_decide_alone_by_default(environment: str, tmp_path: Path) -> None:
    assert make_settings(tmp_path, environment=environment).retrieval is None


async def test_without_the_setting_the_documents_are_searched_as_before(settings: Settings) -> None:
    agent = build_agent(build_resources(settings))
    assert isinstance(agent._parts.documents, FolderDocuments)  # type: ignore[attr-defined]
    await agent.open()
    assert await agent.dependencies() == {}
    await agent.close()


@pytest.mark.parametrize(
    ("retrieval", "problem"),
    [
        ({"embedder": {"provider": "hashed"}}, "hashed needs dimensions"),
        ({"embedder": {"provider": "openai", "model": "small"}}, "needs model and api_key_env"),
        ({"embedder": HASHED, "min_similarity": 1.0}, "min_similarity"),
        ({"embedder": HASHED, "max_passages": 3}, "more than max_passages"),
        ({"embedder": HASHED, "timeout": 9}, "must be below tool_timeout"),
        ({"embedder": {"provider": "openai", "model": "small", "api_key_env": "KEY"}}, "set KEY or KEY_FILE"),
    ],
)
def test_what_cannot_be_had_is_named(retrieval: dict[str, object], problem: str, settings: Settings) -> None:
    with pytest.raises((ConfigurationError, ValidationError), match=problem):
        build_agent(build_resources(searching_by(limited(settings, tool_timeout=9), **retrieval)))
