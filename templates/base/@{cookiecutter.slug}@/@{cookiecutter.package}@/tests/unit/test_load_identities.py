from pathlib import Path

import pytest

from ... import ENV_PREFIX
from ...exceptions import ConfigurationError
from ...models.identity import Role
from ...services.container import token_service
from ...utils.load_identities import DEFAULT_COUNT, local_tokens, main
from ..fixtures.service import KEY, make_settings


def test_each_token_is_a_client_of_its_own(tmp_path: Path) -> None:
    settings = make_settings(tmp_path, environment="load")
    service = token_service(settings)
    identities = [service.authenticate(token) for token in local_tokens(settings, Role.CLIENT, 3, "acme")]
    assert len({identity.subject for identity in identities}) == 3
    assert all(identity.roles == {Role.CLIENT} for identity in identities)
    assert {identity.tenant for identity in identities} == {"acme"}


@pytest.mark.parametrize("environment", ["staging", "production"])
def test_real_environments_are_refused(tmp_path: Path, environment: str) -> None:
    with pytest.raises(ConfigurationError, match="only in development and load"):
        local_tokens(make_settings(tmp_path, environment=environment), Role.ADMIN, 1)


def test_tokens_are_printed_one_a_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv(f"{ENV_PREFIX}JWT_SECRET", KEY)
    assert main([]) == 0
    assert len(capsys.readouterr().out.splitlines()) == DEFAULT_COUNT
    assert main(["operator", "1"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1


@pytest.mark.parametrize("arguments", [["emperor"], ["client", "many"], ["client", "1", "a b"]])
def test_wrong_arguments_are_exit_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert capsys.readouterr().err
