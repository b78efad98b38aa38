"""What everything around the agent costs for each request."""

import asyncio
from collections.abc import Iterator

import pytest

from ...models.identity import Role
from ...utils.text import sanitize
from ..fixtures.agents import ScriptedAgent
from ..fixtures.asgi import call
from ..fixtures.service import Service, limited, make_settings, running
from .measuring import Held

REQUESTS = 10
TEXT = "Ünïcödé text that is to be looked at letter by letter. " * 20


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    settings = make_settings(tmp_path_factory.mktemp("performance"), environment="load")
    with running(limited(settings, rate_limit=10**9), ScriptedAgent()) as service:
        yield service


def test_a_request_of_the_main_route(service: Service, held: Held) -> None:
    headers, app = service.headers(Role.CLIENT), service.client.app

    async def requests() -> None:
        for number in range(REQUESTS):
            reply = await call(app, "POST", "/v1/answers", headers=headers, body={"question": f"Why {number}?"})
            assert reply.status == 200

    held(f"{REQUESTS} requests of the main route", lambda: asyncio.run(requests()), 1)


def test_a_look_at_its_health(service: Service, held: Held) -> None:
    app = service.client.app

    async def requests() -> None:
        for _ in range(REQUESTS):
            assert (await call(app, "GET", "/health/live")).status == 200

    held(f"{REQUESTS} looks at its health", lambda: asyncio.run(requests()), 1)


def test_a_token(service: Service, held: Held) -> None:
    token = service.container.tokens.issue("somebody", [Role.CLIENT])
    held("a token is checked", lambda: service.container.tokens.authenticate(token), 100)


def test_a_scrape(service: Service, held: Held) -> None:
    held("metrics are shown", service.container.metrics.exposition, 10)


def test_text_that_leaves(held: Held) -> None:
    held("1,100 letters are cleaned", lambda: sanitize(TEXT), 20)
