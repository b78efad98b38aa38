"""The script that CI and operators try a running service with, on a running service."""

import http.server
import json
import os
import subprocess
import sys
import threading
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from ...config.settings import PROJECT
from ...models.identity import Role
from ..fixtures.process import Running


def tried(service: Running, *options: str, **credentials: str) -> "subprocess.CompletedProcess[str]":
    known = {name: value for name, value in os.environ.items() if not name.startswith("SMOKE_")}
    command = [sys.executable, str(PROJECT / "scripts" / "smoke.py"), *options, f"http://127.0.0.1:{service.port}"]
    return subprocess.run(command, env=known | credentials, capture_output=True, text=True, check=False)


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
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/token"
        server.shutdown()


def test_a_service_that_works_is_found_to_work(service: Running) -> None:
    done = tried(service, "--wait", "5", SMOKE_TOKEN=bearer(service, Role.CLIENT))
    assert (done.returncode, done.stderr) == (0, "")
    assert "ok      a client is answered\n" in done.stdout
    assert "ok      without a token nothing is answered\n" in done.stdout


@pytest.mark.parametrize(
    ("options", "roles", "found"),
    [
        ((), (Role.OPERATOR,), "a wrong question is told so: status 403"),
        (("--edge",), (Role.CLIENT,), "/health/live is not public: status 200"),
    ],
)
def test_what_is_wrong_is_told(service: Running, options: tuple[str, ...], roles: tuple[Role, ...], found: str) -> None:
    token = bearer(service, *roles)
    done = tried(service, *options, SMOKE_TOKEN=token)
    assert done.returncode == 1
    assert done.stderr.startswith(f"FAILED  {found}")
    assert token not in done.stdout + done.stderr


@pytest.mark.parametrize(("secret", "code"), [("right", 0), ("wrong", 1), ("", 2)])
def test_a_token_comes_from_the_identity_provider(service: Running, secret: str, code: int) -> None:
    with identity_provider(bearer(service, Role.CLIENT)) as url:
        done = tried(service, SMOKE_TOKEN_URL=url, SMOKE_CLIENT_ID="trial", SMOKE_CLIENT_SECRET=secret)
    assert done.returncode == code, done.stderr
    assert bool(done.stderr) == bool(code)
