import os
import stat
from pathlib import Path

import pytest

from ...config.secrets import named_secret, signing_key
from ...exceptions import ConfigurationError
from ..fixtures.service import KEY, make_settings


def test_the_environment_gives_the_key(tmp_path: Path) -> None:
    assert signing_key(make_settings(tmp_path)).value() == KEY


def test_a_file_wins_and_is_read_again_when_it_changes(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(KEY + "\n")
    key = signing_key(make_settings(tmp_path, jwt_secret_file=file))
    assert key.value() == KEY
    file.write_text(KEY[::-1])
    os.utime(file, ns=(1, 1))
    assert key.value() == KEY[::-1]


def test_a_file_that_vanishes_is_an_error_without_its_path(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"JWT_SECRET_FILE: .* cannot be read") as caught:
        signing_key(make_settings(tmp_path, jwt_secret_file=tmp_path / "none"))
    assert str(tmp_path) not in str(caught.value)


@pytest.mark.parametrize("environment", ["staging", "production"])
def test_a_real_environment_must_be_given_a_key(tmp_path: Path, environment: str) -> None:
    with pytest.raises(ConfigurationError, match="JWT_SECRET_FILE"):
        signing_key(make_settings(tmp_path, environment=environment, jwt_secret=None))


def test_a_short_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="32 bytes"):
        signing_key(make_settings(tmp_path, jwt_secret="short"))


@pytest.mark.parametrize("environment", ["development", "load"])
def test_a_local_environment_makes_its_own_key_once(tmp_path: Path, environment: str) -> None:
    settings = make_settings(tmp_path / "state", environment=environment, jwt_secret=None)
    first = signing_key(settings).value()
    assert signing_key(settings).value() == first
    assert len(first) >= 32
    (file,) = (tmp_path / "state").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_two_processes_that_start_together_share_the_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = make_settings(tmp_path, jwt_secret=None)

    def other_was_first(_source: Path, target: Path) -> None:
        Path(target).write_text(KEY)
        raise FileExistsError

    monkeypatch.setattr(os, "link", other_was_first)
    assert signing_key(settings).value() == KEY


def test_a_named_secret_comes_from_the_environment_or_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROVIDER_KEY", "one")
    assert named_secret("PROVIDER_KEY").value() == "one"
    (tmp_path / "key").write_text("two\n")
    monkeypatch.setenv("PROVIDER_KEY_FILE", str(tmp_path / "key"))
    assert named_secret("PROVIDER_KEY").value() == "two"


def test_a_named_secret_that_is_not_there_is_an_error() -> None:
    with pytest.raises(ConfigurationError, match="set PROVIDER_KEY or PROVIDER_KEY_FILE"):
        named_secret("PROVIDER_KEY")
