"""Settings with a file of their own: from it, from variables, from both."""

import shutil
from pathlib import Path

import pytest

from ... import ENV_PREFIX
from ...config.input_judge import InputJudgeConfig
from ...config.kind_settings import kind_values
from ...config.mcp import McpConfig
from ...config.settings import ENVIRONMENTS, PROJECT
from ...exceptions import ConfigurationError
from ..fixtures.service import make_settings

MCP = "load: {servers: {tickets: {url: 'https://tickets.invalid/mcp', tools: [search], timeout: 7}}}"
MODEL = '"model": "small", "temperature": 0.0, "max_tokens": 10'


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_none_of_them_is_set_by_default(environment: str, tmp_path: Path) -> None:
    settings = make_settings(tmp_path, environment=environment)
    assert (settings.mcp, settings.input_judge, settings.models) == (McpConfig(), None, {})
    assert kind_values(tmp_path, environment) == {}  # without the files


def test_variables_win_over_files_value_by_value(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config_dir = shutil.copytree(PROJECT / "config", tmp_path / "config")
    (config_dir / "mcp.yaml").write_text(MCP)
    monkeypatch.setenv(f"{ENV_PREFIX}MCP__SERVERS__TICKETS__URL", "https://others.invalid/mcp")
    settings = make_settings(tmp_path, config_dir=config_dir, environment="load")
    (tickets,) = settings.mcp.servers.values()
    assert (str(tickets.url), tickets.tools, tickets.timeout) == ("https://others.invalid/mcp", ("search",), 7)


def test_variables_are_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{ENV_PREFIX}MODELS__FAST", f'{{"provider": "deterministic", {MODEL}}}')
    monkeypatch.setenv(
        f"{ENV_PREFIX}INPUT_JUDGE", f'{{"model": {{"provider": "openai", "api_key_env": "KEY", {MODEL}}}}}'
    )
    monkeypatch.setenv(f"{ENV_PREFIX}INPUT_JUDGE__WHEN_AWAY", "admit")
    settings = make_settings(tmp_path)
    assert settings.models["fast"].model == "small"
    assert isinstance(settings.input_judge, InputJudgeConfig)
    assert (settings.input_judge.model.model, settings.input_judge.when_away) == ("small", "admit")


def test_a_wrong_value_is_named_as_its_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{ENV_PREFIX}MCP__SERVERS__TICKETS__URL", "http://others.invalid/mcp")
    with pytest.raises(ConfigurationError, match=r"MCP__SERVERS__TICKETS__URL: .*https://"):
        make_settings(tmp_path)
