from pathlib import Path

import pytest
import yaml

from ... import SERVICE
from ...config.agent_config import load_agent_config
from ...config.settings import PROJECT, Settings
from ...exceptions import ConfigurationError


def test_the_shipped_configuration_loads(settings: Settings) -> None:
    config = load_agent_config(settings.config_dir, settings.agent_config)
    assert config.agent_id == settings.agent_config


def write(folder: Path, **changes: object) -> Path:
    """Write a copy of the shipped configuration with changes."""
    shipped = PROJECT / "config" / "agents" / f"{SERVICE}-standard-v1.yaml"
    document = yaml.load(shipped.read_text(), yaml.CSafeLoader) | changes
    (folder / "agents").mkdir()
    (folder / "agents" / "it.yaml").write_text(yaml.safe_dump(document))
    return folder


LLM = {"provider": "deterministic", "model": "m", "temperature": 0.0, "max_tokens": 10}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"version": "latest"}, "version"),
        ({"version": "2.0.0"}, "contradicts version"),
        ({"agent_id": "Agent"}, "agent_id"),
        ({"enabled": False}, "is disabled"),
        ({"llm_config": LLM | {"temperature": 2.5}}, "llm_config.temperature"),
        ({"llm_config": LLM | {"api_key": "sk-1"}}, "llm_config.api_key"),
        ({"llm_config": LLM | {"provider": "openai-compatible"}}, "needs base_url and api_key_env"),
        ({"schema_config": {"schema_id": "s", "fields": []}}, "schema_config.fields"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_a_wrong_configuration_is_named(tmp_path: Path, changes: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        load_agent_config(write(tmp_path, **changes), "it")
