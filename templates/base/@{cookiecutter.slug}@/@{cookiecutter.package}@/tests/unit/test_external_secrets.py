from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest

from ...config.external_secrets import SecretStore
from ...config.secrets import FileSecret, FixedSecret
from ...exceptions import ConfigurationError, DependencyUnavailableError

URL = "https://vault.invalid/v1/secret/data/agent"
Answer = Callable[[httpx2.Request], httpx2.Response]


class Vault:
    """A secret store in the same process."""

    def __init__(self, **secrets: str) -> None:
        self.secrets = secrets
        self.status = 200
        self.tokens: list[str] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.tokens.append(request.headers["X-Vault-Token"])
        return httpx2.Response(self.status, json={"data": {"data": self.secrets, "metadata": {"version": 1}}})

    def store(self, token: FileSecret | FixedSecret | None = None) -> SecretStore:
        return SecretStore(URL, token or FixedSecret("let-me-in"), httpx2.MockTransport(self))


def test_a_secret_follows_the_store() -> None:
    vault = Vault(JWT_SECRET="first")
    store = vault.store()
    secret = store.secret("JWT_SECRET")
    assert secret is not None
    assert secret.value() == "first"
    vault.secrets = {"JWT_SECRET": "second"}
    assert secret.value() == "first"
    store.refresh()
    assert secret.value() == "second"
    assert store.secret("OTHER") is None
    store.close()


def test_what_it_said_last_goes_on_while_it_is_away() -> None:
    vault = Vault(JWT_SECRET="first")
    store = vault.store()
    secret = store.secret("JWT_SECRET")
    vault.status = 503
    with pytest.raises(DependencyUnavailableError):
        store.refresh()
    vault.status, vault.secrets = 200, {}
    store.refresh()
    assert secret is not None
    assert secret.value() == "first"


def test_its_own_token_can_be_rotated(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("one")
    vault = Vault(A="x")
    store = vault.store(FileSecret(tmp_path / "token", "SECRETS_TOKEN_FILE"))
    (tmp_path / "token").write_text("longer")
    store.refresh()
    assert vault.tokens == ["one", "longer"]


@pytest.mark.parametrize("answer", [(403, {"data": {"data": {}}}), (200, {"errors": []}), (200, None)])
def test_a_store_that_gives_none_at_the_start_is_named_without_the_token(answer: tuple[int, object]) -> None:
    transport = httpx2.MockTransport(lambda _: httpx2.Response(answer[0], json=answer[1]))
    with pytest.raises(ConfigurationError, match="secret store cannot be had") as caught:
        SecretStore(URL, FixedSecret("let-me-in"), transport)
    assert "let-me-in" not in str(caught.value)
