from pathlib import Path

import pytest

from ...config.llm_config import LlmConfig
from ...config.settings import Settings
from ...exceptions import ConfigurationError
from ...models.answer import Question
from ...models.documents import Search
from ...services.agent import build_agent, build_models
from ...services.documents import FolderDocuments
from ...services.observers import Observers
from ...services.resources import build_resources
from ..fixtures.service import limited

OFFLINE = {"provider": "deterministic", "model": "d", "temperature": 0.0, "max_tokens": 10}


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        (OFFLINE | {"provider": "openai"}, "provider openai needs api_key_env"),
        (OFFLINE | {"provider": "openai-compatible", "api_key_env": "KEY"}, "needs base_url"),
        (OFFLINE | {"provider": "oracle"}, "provider"),
        (OFFLINE | {"fallback": OFFLINE | {"provider": "gemini"}}, "provider gemini needs api_key_env"),
    ],
)
def test_a_model_that_cannot_be_asked_is_refused(values: dict[str, object], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        LlmConfig.model_validate(values)


async def test_the_second_model_is_built_too(settings: Settings) -> None:
    config = LlmConfig.model_validate(OFFLINE | {"fallback": OFFLINE | {"model": "second"}})
    chain = build_models(config, settings.limits, Observers())
    assert chain.first == "d"
    assert [guarded.model.name for guarded in chain._models] == ["d", "second"]
    await chain.close()


@pytest.mark.parametrize("strategy", ["context", "performance"])
async def test_the_whole_agent_answers_offline(settings: Settings, strategy: str) -> None:
    resources = build_resources(limited(settings, tool_strategy=strategy))
    agent = build_agent(resources)
    answer = await agent.answer(Question(question="How many days do I have to return an item?"))
    assert "30 days" in str(answer.output["answer_text"])
    assert 'agent_tool_calls_total{outcome="ok",tool="search_documents"} 1.0' in resources.metrics.exposition().decode()
    assert (settings.state_dir / "audit.jsonl").read_text().count("tools:search_documents") == 1
    await agent.close()


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        (None, "", "holds no documents"),
        ("Bad Name.md", "# Title\n", "lower case"),
        ("good.md", "Title\n", "must begin with its title"),
        ("good.md", None, "cannot be read"),
    ],
)
def test_a_wrong_collection_is_named(tmp_path: Path, name: str | None, text: str | None, problem: str) -> None:
    if name is not None:
        (tmp_path / name).write_bytes(b"\xff" if text is None else text.encode())
    with pytest.raises(ConfigurationError, match=problem):
        FolderDocuments(tmp_path)


async def test_rare_words_weigh_more_than_common_ones(tmp_path: Path) -> None:
    (tmp_path / "one.md").write_text("# One\n\nA parcel with a parcel in a parcel.\n\nA zebra in a parcel.")
    (tmp_path / "two.md").write_text("# Two\n\nAnother parcel.")
    documents = FolderDocuments(tmp_path)
    (found, nothing) = await documents.search([Search("zebra parcels", 2), Search("the", 2)])
    assert found[0].text == "A zebra in a parcel."
    assert len(found) == 2
    assert nothing == []
