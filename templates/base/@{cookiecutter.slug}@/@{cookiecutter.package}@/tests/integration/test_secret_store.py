"""Keys from a secret store, over HTTP."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from ...config.secrets import encryption_keys, secret_store, signing_key
from ...config.settings import Settings
from ...exceptions import ConfigurationError
from ...models.identity import Role
from ..fixtures.agents import ScriptedAgent
from ..fixtures.service import ALONE, DATA_KEY, KEY, make_settings, running

PATH = "/v1/secret/data/agent"
TOKEN = "let-me-in"


class Vault(ThreadingHTTPServer):
    """Gives its secrets to whoever has the token."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.secrets = {"JWT_SECRET": KEY, "ENCRYPTION_KEYS": DATA_KEY}


class _Handler(BaseHTTPRequestHandler):
    server: Vault

    def do_GET(self) -> None:
        allowed = self.headers["X-Vault-Token"] == TOKEN and self.path == PATH
        body = json.dumps({"data": {"data": self.server.secrets}} if allowed else {"errors": ["permission denied"]})
        self.send_response(200 if allowed else 403)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


@contextmanager
def serving() -> Iterator[Vault]:
    with Vault() as vault:
        thread = Thread(target=vault.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield vault
        finally:
            vault.shutdown()
            thread.join()


def told(tmp_path: Path, vault: Vault, token: str = TOKEN, **more: object) -> Settings:
    (tmp_path / "token").write_text(token)
    url = f"http://127.0.0.1:{vault.server_port}{PATH}"
    own = {"jwt_secret": None, "encryption_keys": None, "secrets_url": url, "secrets_token_file": tmp_path / "token"}
    production = {"environment": "production", **ALONE}
    return make_settings(tmp_path / "state", **{**production, **own, **more})


def test_production_takes_its_keys_from_the_store_and_follows_it(tmp_path: Path) -> None:
    with serving() as vault:
        settings = told(tmp_path, vault)
        key = signing_key(settings)
        assert (key.value(), encryption_keys(settings).value()) == (KEY, DATA_KEY)
        vault.secrets = {**vault.secrets, "JWT_SECRET": KEY[::-1]}
        with running(settings, ScriptedAgent()) as service:  # asks at once, and then every minute
            for _ in range(2_000):
                if key.value() != KEY:
                    break
                time.sleep(0.01)
            response = service.client.get("/v1/sessions/s", headers=service.headers(Role.CLIENT))
        assert key.value() == KEY[::-1]
        assert response.status_code in {200, 503}  # who calls is known; nobody may have made the tables


def test_a_file_wins_over_the_store(tmp_path: Path) -> None:
    (tmp_path / "own").write_text("x" * 40)
    with serving() as vault:
        assert signing_key(told(tmp_path, vault, jwt_secret_file=tmp_path / "own")).value() == "x" * 40


def test_a_store_that_lets_nobody_in_ends_the_start(tmp_path: Path) -> None:
    with serving() as vault:
        with pytest.raises(ConfigurationError, match="secret store cannot be had"):
            signing_key(told(tmp_path, vault, token="wrong"))
        with pytest.raises(ConfigurationError, match="SECRETS_TOKEN_FILE"):
            secret_store(told(tmp_path, vault, secrets_token_file=None))
