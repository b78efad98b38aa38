"""Search by vectors from a provider of embeddings on this machine, as far as the service's own surface."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ... import ENV_PREFIX
from ...config.retrieval import EmbedderConfig
from ...config.settings import Settings
from ...exceptions import ConfigurationError, DependencyRefusedError, DependencyUnavailableError
from ...handlers.commands import main
from ...interfaces.embedder import Embedder
from ...models.identity import Role
from ...services.agent import build_agent
from ...services.answering import AnsweringAgent
from ...services.hybrid_documents import HybridDocuments
from ...services.providers import build_embedder
from ..fixtures.provider import TOKENS_IN, Provider, providing
from ..fixtures.retrieval import searching_by
from ..fixtures.service import DATA_KEY, KEY, Service, limited, running

HASHED = {"embedder": {"provider": "hashed", "dimensions": 512}, "min_similarity": 0.15}
MISSPELLED = "waranty of a devise"


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    monkeypatch.setenv("EMBEDDINGS_API_KEY", "first-key")
    with providing() as provider:
        yield provider


def config_of(provider: Provider, **more: object) -> dict[str, object]:
    asked = {"provider": "openai-compatible", "model": "small", "dimensions": 512}
    return {**asked, "api_key_env": "EMBEDDINGS_API_KEY", "base_url": f"{provider.address}/v1", **more}


def embedder_of(provider: Provider) -> Embedder:
    return build_embedder(EmbedderConfig.model_validate(config_of(provider)), timeout=10)


async def test_a_provider_makes_vectors_in_the_order_of_the_texts(provider: Provider) -> None:
    embedder = embedder_of(provider)
    made = await embedder.embed(["one", "another"])
    ((again,), other) = (await embedder.embed(["another"])).vectors, made.vectors[0]
    assert list(made.vectors[1]) == list(again) != list(other)
    assert made.tokens == TOKENS_IN
    assert embedder.name == "127.0.0.1/small/512"
    (first, _) = provider.requests
    assert (first.path, first.headers["authorization"]) == ("/v1/embeddings", "Bearer first-key")
    assert (first.body["input"], first.body["dimensions"]) == (["one", "another"], 512)
    await embedder.close()


async def test_a_new_key_is_used_without_a_restart(
    provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "key").write_text("old-key")
    monkeypatch.setenv("EMBEDDINGS_API_KEY_FILE", str(tmp_path / "key"))
    embedder = embedder_of(provider)
    await embedder.embed(["one"])
    (tmp_path / "key").write_text("newer-key")
    await embedder.embed(["one"])
    assert [request.headers["authorization"] for request in provider.requests] == ["Bearer old-key", "Bearer newer-key"]
    await embedder.close()


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        ((401, '{"error": "secret"}'), DependencyRefusedError),
        ((429, "{}"), DependencyUnavailableError),
        ((503, ""), DependencyUnavailableError),
        ((200, "{}"), DependencyUnavailableError),
        ((200, '{"data": [{"index": null}, {}]}'), DependencyUnavailableError),
        ((200, "<html>"), DependencyUnavailableError),
    ],
)
async def test_failures_are_our_own(provider: Provider, failure: tuple[int, str], error: type[Exception]) -> None:
    provider.failures = [failure]
    embedder = embedder_of(provider)
    with pytest.raises(error) as caught:
        await embedder.embed(["one"])
    assert "secret" not in str(caught.value)
    await embedder.close()


def test_without_its_package_it_says_which_extra(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "openai", None)
    with pytest.raises(ConfigurationError, match="install the extra 'openai'"):
        embedder_of(provider)


def with_index(service: Service) -> None:
    """Wait until the index is made, which the service does beside its work."""
    agent, portal = service.container.agent, service.client.portal
    assert isinstance(agent, AnsweringAgent)
    assert isinstance(agent._parts.documents, HybridDocuments)
    assert portal is not None
    portal.call(agent._parts.documents.prepare)


def test_the_service_finds_what_is_misspelled_and_goes_on_without_the_provider(
    provider: Provider, settings: Settings
) -> None:
    changed = searching_by(settings, embedder=config_of(provider), min_similarity=0.15)
    with running(limited(changed, retries=0), build_agent) as service:
        headers = service.headers(Role.CLIENT)

        def sources(question: str) -> list[str]:
            answer = service.client.post("/v1/answers", json={"question": question}, headers=headers).json()
            return list(answer["output"]["sources"])

        with_index(service)
        deep = service.client.get("/health/deep", headers=service.headers(Role.OPERATOR)).json()
        assert deep["checks"]["embedder"] == "healthy"
        assert sources(MISSPELLED) == ["warranty"]
        provider.failures = [(500, "")] * 100
        assert sources(f"{MISSPELLED}?") == []
        assert sources("How long is the warranty of a device?") == ["warranty"]
        deep = service.client.get("/health/deep", headers=service.headers(Role.OPERATOR)).json()
        assert deep["checks"]["embedder"] == "unhealthy"
        metrics = service.client.get("/metrics").text
    assert 'agent_searches_total{ranking="words"} 0.0' not in metrics
    assert 'agent_searches_total{ranking="hybrid"} 0.0' not in metrics
    assert 'agent_index_passages{state="missing"} 0.0' in metrics


def test_the_command_makes_the_index_and_compares(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    own = {"STATE_DIR": str(settings.state_dir), "JWT_SECRET": KEY, "ENCRYPTION_KEYS": DATA_KEY}
    for name, value in {**own, "RETRIEVAL": json.dumps(HASHED), "STORE__MIGRATE_AT_START": "true"}.items():
        monkeypatch.setenv(f"{ENV_PREFIX}{name}", value)
    assert (main(["retrieval", "index"]), main(["retrieval", "evaluate"])) == (0, 0)
    index, words, both = capsys.readouterr().out.splitlines()
    assert index == "17 passages have a vector"
    assert (words[:7], both[:8]) == ("words: ", "hybrid: ")
    (tmp_path / "hard.yaml").write_text("floor: 1\ncases: [{name: far, query: weather on mars, document: returns}]")
    assert main(["retrieval", "evaluate", "--cases", str(tmp_path / "hard.yaml")]) == 1
    assert "missed: far" in capsys.readouterr().err
    monkeypatch.delenv(f"{ENV_PREFIX}RETRIEVAL")
    assert main(["retrieval", "index"]) == 2
