import re
import shutil
from pathlib import Path

import pytest
import yaml

from ... import AGENT, ENV_PREFIX
from ...config.kind_settings import KindSettings
from ...config.settings import ENVIRONMENTS, PROJECT, SECTIONS, Settings, load_settings
from ...exceptions import ConfigurationError
from ..fixtures.service import KEY, make_settings


def test_development_is_the_default(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    assert settings.environment == "development"
    assert settings.debug


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_environment_loads(tmp_path: Path, environment: str) -> None:
    settings = make_settings(tmp_path, environment=environment)
    assert settings.environment == environment
    assert settings.debug == (environment == "development")


def test_every_environment_file_has_the_same_keys() -> None:
    files = [yaml.load((PROJECT / "config" / f"{name}.yaml").read_text(), yaml.CSafeLoader) for name in ENVIRONMENTS]
    assert {tuple(sorted(file)) for file in files} == {("agents", "debug", "environment", "log_level")}
    assert len({tuple((name, tuple(agent)) for name, agent in file["agents"].items()) for file in files}) == 1


def test_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{ENV_PREFIX}ENVIRONMENT", "production")
    monkeypatch.setenv(f"{ENV_PREFIX}LOG_LEVEL", "ERROR")
    monkeypatch.setenv(f"{ENV_PREFIX}AGENTS__{AGENT.upper()}__TIMEOUT", "7.5")
    settings = make_settings(tmp_path)
    assert (settings.environment, settings.log_level, settings.limits.timeout) == ("production", "ERROR", 7.5)
    assert settings.limits.retries == make_settings(tmp_path, environment="production").limits.retries


def test_a_variable_with_parts_must_be_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{ENV_PREFIX}ALLOWED_NETWORKS", "10.0.0.0/8")
    with pytest.raises(ConfigurationError, match=r'"allowed_networks".* JSON$'):
        make_settings(tmp_path)


def test_dotenv_is_read(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"{ENV_PREFIX}MAX_BODY_BYTES=17\n")
    assert load_settings().max_body_bytes == 17


def test_an_unknown_setting_in_dotenv_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"{ENV_PREFIX}LOGLEVEL=INFO\n")
    with pytest.raises(ConfigurationError, match="LOGLEVEL"):
        load_settings()


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"environment": "holiday"}, "ENVIRONMENT"),
        ({"environment": "production", "debug": True}, "debug must be off in production"),
        ({"log_level": "LOUD"}, "LOG_LEVEL"),
        ({"max_body_bytes": 0}, "MAX_BODY_BYTES"),
        ({"agent_config": "../../etc/passwd"}, "AGENT_CONFIG"),
    ],
)
def test_wrong_values_are_named(tmp_path: Path, overrides: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        make_settings(tmp_path, **overrides)


def test_errors_do_not_show_values(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        make_settings(tmp_path, jwt_secret=KEY, log_level=KEY)
    assert KEY not in str(caught.value)


def test_a_secret_does_not_show_in_the_settings(settings: Settings) -> None:
    assert KEY not in repr(settings)


def changed_config(folder: Path, old: str, new: str) -> Path:
    """Copy the configuration and change its development file."""
    copy = shutil.copytree(PROJECT / "config", folder / "config")
    file = copy / "development.yaml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
    return copy


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("environment: development", "environment: production", "must be development"),
        ("timeout: 60", "timeout: -1", "TIMEOUT"),
        ("retries:", "retires:", "RETIRES"),
        (f"{AGENT}:", "another:", "no entry"),
        ("agents:", "agents: [", "is not YAML"),
    ],
)
def test_a_wrong_environment_file_is_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        make_settings(tmp_path, config_dir=changed_config(tmp_path, old, new))


def test_a_missing_environment_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        make_settings(tmp_path, config_dir=tmp_path)


def test_an_environment_file_must_hold_a_mapping(tmp_path: Path) -> None:
    (tmp_path / "development.yaml").write_text("- 1\n")
    with pytest.raises(ConfigurationError, match="no mapping"):
        make_settings(tmp_path, config_dir=tmp_path)


def test_the_example_names_every_setting() -> None:
    text = (PROJECT / ".env.example").read_text()
    named = set(re.findall(rf"^#?{ENV_PREFIX}([A-Z_]+)=", text, flags=re.MULTILINE))
    in_parts = {name.upper() for name in ("agents", *SECTIONS, *KindSettings.model_fields)}
    plain = {name.upper() for name in Settings.model_fields} - in_parts
    assert {name for name in named if "__" not in name} == plain
    assert {name.split("__")[0] for name in named - plain} == in_parts


def test_the_example_works(tmp_path: Path) -> None:
    shutil.copy(PROJECT / ".env.example", tmp_path / ".env")
    assert load_settings().environment == "development"
