"""The script that CI and operators try a running service with, on a running service."""

import http.server
import json
import runpy
import threading
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from ...config.settings import PROJECT
from ...models.identity import Role
from ..fixtures.process import Running

Tried = Callable[..., tuple[int, str, str]]


@pytest.fixture
def tried(service: Running, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Tried:
    """Run the script with options and credentials; the exit code and what it wrote."""
    main = runpy.run_path(str(PROJECT / "scripts" / "smoke.py"))["main"]

    def run(*options: str, **credentials: str) -> tuple[int, str, str]:
        for name, value in ({"SMOKE_TOKEN": ""} | credentials).items():
            monkeypatch.setenv(name, value)
        code = main([*options, f"http://127.0.0.1:{service.port}"])
        return code, *capsys.readouterr()

    return run


def bearer(service: Running, *roles: Role) -> str:
    return service.token(*roles).removeprefix("Bearer ")


@contextmanager
def identity_provider(token: str) -> Iterator[str]:
    """Run one that knows a single client, and yield where it gives tokens."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # as http.server calls it
            form = urllib.parse.parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            known = form["client_secret"] == ["right"] and form["grant_type"] == ["client_credentials"]
            self.send_response(200 if known else 401)
            self.end_headers()
            self.wfile.write(json.dumps({"access_token": token} if known else {}).encode())

        def log_message(self, *_: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/token"
        server.shutdown()


def test_a_service_that_works_is_found_to_work(service: Running, tried: Tried) -> None:
    code, out, err = tried("--wait", "5", SMOKE_TOKEN=bearer(service, Role.CLIENT))
    assert (code, err) == (0, "")
    assert "ok      a client is answered\n" in out
    assert "ok      without a token nothing is answered\n" in out


@pytest.mark.parametrize(
    ("options", "roles", "found"),
    [
        ((), (Role.OPERATOR,), "a wrong question is told so: status 403"),
        (("--edge",), (Role.CLIENT,), "/health/live is not public: status 200"),
    ],
)
def test_what_is_wrong_is_told(
    service: Running, tried: Tried, options: tuple[str, ...], roles: tuple[Role, ...], found: str
) -> None:
    token = bearer(service, *roles)
    code, out, err = tried(*options, SMOKE_TOKEN=token)
    assert code == 1
    assert err.startswith(f"FAILED  {found}")
    assert token not in out + err


@pytest.mark.parametrize(("secret", "code"), [("right", 0), ("wrong", 1)])
def test_a_token_comes_from_the_identity_provider(service: Running, tried: Tried, secret: str, code: int) -> None:
    with identity_provider(bearer(service, Role.CLIENT)) as url:
        done, _, err = tried(SMOKE_TOKEN_URL=url, SMOKE_CLIENT_ID="trial", SMOKE_CLIENT_SECRET=secret)
    assert done == code, err
    assert bool(err) == bool(code)
