"""Try a running service as its clients see it: ``python scripts/smoke.py [--edge] [--wait SECONDS] URL``.

It is asked for its health, refuses who has no token, and answers who has one. Every step is a line; what is not as it
should be ends with exit code 1, and what is missing to try it with 2. ``--edge`` is for the public address: there
health and metrics must not be found.

The token comes from ``SMOKE_TOKEN``, or from the identity provider, for each run anew: ``SMOKE_TOKEN_URL``,
``SMOKE_CLIENT_ID`` and ``SMOKE_CLIENT_SECRET`` (OAuth 2.0, client credentials).
"""

import argparse
import http.client
import json
import os
import sys
import time
import urllib.parse
import urllib.request
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

TIMEOUT = 30.0
"""Seconds for one request."""
ROUTE = "/v1/answers"
QUESTION = {"question": "What can you help me with?"}
INSIDE = ("/health/live", "/health/ready", "/metrics")
CREDENTIALS = ("SMOKE_TOKEN_URL", "SMOKE_CLIENT_ID", "SMOKE_CLIENT_SECRET")


class MissingError(Exception):
    """What the trial needs is not there."""


class WrongError(Exception):
    """The service does not do what it should."""


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    text: str

    def document(self) -> dict[str, Any]:
        """Return the body, read as JSON; empty when it is something else."""
        try:
            found = json.loads(self.text)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


def opener() -> urllib.request.OpenerDirector:
    """Return what sends requests: replies of any status are replies, and a token follows no redirection."""
    made = urllib.request.OpenerDirector()
    for handler in (urllib.request.ProxyHandler, urllib.request.HTTPHandler, urllib.request.HTTPSHandler):
        made.add_handler(handler())
    return made


def sent(url: str, data: bytes | None = None, headers: Mapping[str, str] | None = None) -> Reply:
    """Send one request (POST when there is data) and return the reply, whatever its status.

    Raises:
        WrongError: Nobody answered.
    """
    request = urllib.request.Request(url, data, dict(headers or {}))  # noqa: S310  # checked by `address`
    try:
        with opener().open(request, timeout=TIMEOUT) as reply:
            names = {name.lower(): value for name, value in reply.headers.items()}
            return Reply(reply.status, names, reply.read().decode(errors="replace"))
    except (OSError, http.client.HTTPException) as error:
        message = f"nobody answers at {url}: {error}"
        raise WrongError(message) from error


def address(text: str, name: str) -> str:
    """Return an address without the slash at its end.

    Raises:
        MissingError: It is none.
    """
    parts = urllib.parse.urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        message = f"{name} must be an address such as https://agent.example.com, not {text!r}"
        raise MissingError(message)
    return text.rstrip("/")


def token() -> str:
    """Return the token to ask with.

    Raises:
        MissingError: There is neither a token nor what it takes to get one.
        WrongError: The identity provider gives none.
    """
    if given := os.environ.get("SMOKE_TOKEN"):
        return given
    if absent := [name for name in CREDENTIALS if not os.environ.get(name)]:
        message = f"set SMOKE_TOKEN, or {', '.join(absent)}"
        raise MissingError(message)
    url, client, secret = (os.environ[name] for name in CREDENTIALS)
    form = {"grant_type": "client_credentials", "client_id": client, "client_secret": secret}
    reply = sent(address(url, CREDENTIALS[0]), urllib.parse.urlencode(form).encode())
    found = reply.document().get("access_token")
    if not isinstance(found, str):
        message = f"the identity provider gives no token: status {reply.status}"
        raise WrongError(message)
    return found


def asked(base: str, body: object = QUESTION, bearer: str | None = None, correlation_id: str = "") -> Reply:
    """Return the reply of the main route."""
    headers = {"Content-Type": "application/json"}
    headers |= {"Authorization": f"Bearer {bearer}"} if bearer else {}
    headers |= {"X-Correlation-ID": correlation_id} if correlation_id else {}
    return sent(f"{base}{ROUTE}", json.dumps(body).encode(), headers)


def check(what: str, reply: Reply, *wanted: int) -> None:
    """Say that a step went well.

    Raises:
        WrongError: It did not.
    """
    if reply.status not in wanted:
        message = f"{what}: status {reply.status} {reply.document().get('type', '')}".rstrip()
        raise WrongError(message)
    sys.stdout.write(f"ok      {what}\n")


def answered(base: str, bearer: str) -> None:
    """Ask a question as a client.

    Raises:
        WrongError: The answer is not one of the model's, or not to this question.
    """
    correlation_id = f"smoke-{uuid.uuid4()}"
    reply = asked(base, bearer=bearer, correlation_id=correlation_id)
    check("a client is answered", reply, 200)
    answer = reply.document()
    if not answer.get("output") or answer.get("degraded") is not False:
        message = "a client is answered: without the model (degraded)"
        raise WrongError(message)
    if reply.headers.get("x-correlation-id") != correlation_id:
        message = "a client is answered: under another correlation id"
        raise WrongError(message)


def wait(base: str, path: str, seconds: float) -> None:
    """Wait until the service answers at all, and not as one that starts or drains."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if sent(f"{base}{path}").status < 500:  # noqa: PLR2004  # 502 to 504: nobody behind the edge yet
                return
        except WrongError:
            pass
        time.sleep(1)


def tried(base: str, *, edge: bool) -> None:
    """Take all steps.

    Raises:
        MissingError: There is nothing to get a token with.
        WrongError: A step failed.
    """
    bearer = token()
    for path in INSIDE:
        reply = sent(f"{base}{path}")
        if edge:
            check(f"{path} is not public", reply, 401, 403, 404)
        else:
            check(f"{path} answers", reply, 200)
    check("without a token nothing is answered", asked(base), 401)
    check("with a made-up token nothing is answered", asked(base, bearer="made-up"), 401)
    check("a wrong question is told so", asked(base, {"question": ""}, bearer), 422)
    answered(base, bearer)


def main(arguments: list[str]) -> int:
    """Try the service; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("url", metavar="URL", help="where it runs, such as http://127.0.0.1:8000")
    parser.add_argument("--edge", action="store_true", help="the public address: health and metrics must not be there")
    parser.add_argument("--wait", type=float, default=0, metavar="SECONDS", help="how long it may take to start")
    given = parser.parse_args(arguments)
    try:
        base = address(given.url, "URL")
        wait(base, ROUTE if given.edge else "/health/ready", given.wait)
        tried(base, edge=given.edge)
    except (MissingError, WrongError) as error:
        sys.stderr.write(f"FAILED  {error}\n")
        return 2 if isinstance(error, MissingError) else 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
