import pytest

from ...config.agent_config import load_agent_config
from ...config.llm_config import LlmConfig
from ...config.settings import Settings
from ...exceptions import ConfigurationError
from ...models.answer import Question
from ...services.agent import build_agent, build_model
from ...services.chat_completions import ChatCompletionsModel
from ...services.deterministic import DeterministicModel
from ...services.resources import build_resources
from ..fixtures.service import limited

REMOTE = LlmConfig.model_validate(
    {
        "provider": "openai-compatible",
        "model": "big",
        "temperature": 0.1,
        "max_tokens": 10,
        "base_url": "https://provider.invalid/v1",
        "api_key_env": "PROVIDER_KEY",
    }
)


def test_the_offline_model_needs_no_key(settings: Settings) -> None:
    config = load_agent_config(settings.config_dir, settings.agent_config)
    assert isinstance(build_model(config.llm_config, settings.limits), DeterministicModel)


async def test_a_remote_model_takes_its_key_from_the_environment(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROVIDER_KEY", "key")
    model = build_model(REMOTE, settings.limits)
    assert isinstance(model, ChatCompletionsModel)
    await model.close()


def test_a_remote_model_without_its_key_is_found_at_start(settings: Settings) -> None:
    with pytest.raises(ConfigurationError, match="set PROVIDER_KEY"):
        build_model(REMOTE, settings.limits)


def test_a_remote_model_without_its_address_is_found_at_start(settings: Settings) -> None:
    with pytest.raises(ConfigurationError, match="base_url"):
        build_model(REMOTE.model_copy(update={"base_url": None}), settings.limits)


@pytest.mark.parametrize("enabled", [True, False])
async def test_the_environment_says_whether_answers_are_kept(settings: Settings, *, enabled: bool) -> None:
    agent = build_agent(build_resources(limited(settings, cache_enabled=enabled)))
    question = Question(question="Why?")
    await agent.answer(question)
    assert (await agent.answer(question)).cached is enabled
