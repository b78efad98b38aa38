import sys

import pytest

from ...config.llm_config import ModelConfig
from ...exceptions import ConfigurationError
from ...services.providers import build_model


def config_of(provider: str, **more: object) -> ModelConfig:
    values = {"provider": provider, "model": "big", "temperature": 0.0, "max_tokens": 10, "api_key_env": "PROVIDER_KEY"}
    return ModelConfig.model_validate(values | more)


REMOTE = [
    config_of("openai"),
    config_of("anthropic"),
    config_of("gemini"),
    config_of("openai-compatible", base_url="https://provider.invalid/v1"),
]


@pytest.mark.parametrize("config", REMOTE, ids=lambda config: config.provider)
async def test_every_provider_can_be_had(config: ModelConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROVIDER_KEY", "key")
    model = build_model(config, timeout=1)
    assert model.name == "big"
    await model.close()


@pytest.mark.parametrize("config", REMOTE, ids=lambda config: config.provider)
def test_a_missing_key_is_found_at_start(config: ModelConfig) -> None:
    with pytest.raises(ConfigurationError, match="set PROVIDER_KEY"):
        build_model(config, timeout=1)


@pytest.mark.parametrize("config", REMOTE, ids=lambda config: config.provider)
def test_a_missing_package_is_found_at_start(config: ModelConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROVIDER_KEY", "key")
    for module in ("openai", "anthropic", "google"):
        monkeypatch.setitem(sys.modules, f"pydantic_ai.providers.{module}", None)
    monkeypatch.setitem(sys.modules, "openai", None)
    with pytest.raises(ConfigurationError, match="install the extra"):
        build_model(config, timeout=1)
