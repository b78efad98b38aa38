"""The plan of ``agentctl loadtest`` (in pyproject.toml): what it says is there, and it holds."""

import asyncio
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest

from ... import ENV_PREFIX
from ...config.settings import PROJECT, Settings, load_settings
from ...models.identity import Role
from ..fixtures.asgi import Reply, call
from ..fixtures.shipped import Shipped, environment, shipped, variables

PLAN: dict[str, Any] = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["agentctl"]["loadtest"]
REQUESTS: list[dict[str, Any]] = PLAN["requests"]
MAIN = "/v1/answers"
TOTAL, AT_ONCE = 200, 20  # as guide and objectives ask: 20 clients at once, over 95 % answered, under 2 s on average


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shipped]:
    with shipped(tmp_path_factory.mktemp("load")) as service:
        yield service


@pytest.fixture
def load_environment(service: Shipped) -> Settings:
    with variables(**environment(service.state_dir, **_own_settings())):
        return load_settings(dotenv=None)


def _own_settings() -> dict[str, str]:
    return {name.removeprefix(ENV_PREFIX): value for name, value in PLAN["environment"].items()}


def filled(value: object, number: int, token: str) -> object:
    """Return a template with its places filled in."""
    if isinstance(value, dict):
        return {name: filled(inner, number, token) for name, inner in value.items()}
    return value.replace("{n}", str(number)).replace("{token}", token) if isinstance(value, str) else value


def test_it_serves_the_load_environment_and_waits_until_that_is_ready(load_environment: Settings) -> None:
    assert load_environment.environment == "load"
    assert "{port}" in PLAN["serve"]
    assert ".main:app" in PLAN["serve"]
    assert PLAN["ready"] == "/health/ready"


def test_it_drives_the_main_route_and_only_routes_that_are_there(service: Shipped) -> None:
    paths = service.app.openapi()["paths"]
    assert [request for request in REQUESTS if request["method"].lower() not in paths.get(request["path"], {})] == []
    weights = {path: sum(one.get("weight", 1) for one in REQUESTS if one["path"] == path) for path in paths}
    assert max(weights, key=weights.__getitem__) == MAIN


def test_no_two_requests_are_alike() -> None:
    bodies = [request["body"] for request in REQUESTS if request["path"] == MAIN]
    assert bodies
    assert [body for body in bodies if filled(body, 1, "") == filled(body, 2, "")] == []


def test_limiter_and_authentication_stay_in_the_path(service: Shipped, load_environment: Settings) -> None:
    (request, *_) = [request for request in REQUESTS if request["path"] == MAIN]
    assert request["headers"]["Authorization"] == "Bearer {token}"
    response = service.client.request(request["method"], request["path"], json=filled(request["body"], 1, ""))
    assert response.status_code == 401
    assert load_environment.limits.rate_limit >= 60 * 1_000  # a thousand requests a second do not meet the limit


def test_its_clients_are_several_and_known(service: Shipped) -> None:
    command = [sys.executable if part == "{python}" else part for part in PLAN["tokens"].split()]
    with variables(**environment(service.state_dir, **_own_settings())):
        done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=PROJECT, timeout=120)
    identities = [service.container.tokens.authenticate(token) for token in done.stdout.split()]
    assert len({identity.subject for identity in identities}) == len(identities) > 1
    assert {role for identity in identities for role in identity.roles} == {Role.CLIENT}


async def test_a_burst_of_it_is_answered(service: Shipped) -> None:
    (request, *_) = [request for request in REQUESTS if request["path"] == MAIN]
    places = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> tuple[Reply, float]:
        async with places:
            headers = service.headers(Role.CLIENT, subject=f"client-{number % 8}")
            started = time.perf_counter()
            body = filled(request["body"], number, "")
            reply = await call(service.app, request["method"], MAIN, headers=headers, body=body)
            return reply, time.perf_counter() - started

    results = await asyncio.gather(*(one(number) for number in range(TOTAL)))
    assert sum(reply.status == 200 for reply, _ in results) / TOTAL > 0.95
    assert sum(seconds for _, seconds in results) / TOTAL < 2.0
