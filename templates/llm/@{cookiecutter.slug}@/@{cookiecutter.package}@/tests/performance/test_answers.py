"""What the agent itself costs for each question, with the deterministic model."""

import asyncio
from collections.abc import Iterator

import pytest

from ...models.answer import Question
from ...models.documents import Search
from ...models.identity import Role
from ...services.documents import FolderDocuments
from ...services.text_guard import findings
from ..fixtures.asgi import call
from ..fixtures.shipped import Shipped, shipped
from .measuring import Held

RUNS = 10
TEXT = "You can return an item within 30 days of its delivery. " * 40


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shipped]:
    with shipped(tmp_path_factory.mktemp("performance")) as service:
        yield service


def test_a_run(service: Shipped, held: Held) -> None:
    async def runs() -> None:
        for number in range(RUNS):
            question = Question(question=f"How many days do I have to return item {number}?")
            assert not (await service.container.agent.answer(question, fresh=True)).degraded

    held(f"{RUNS} runs", lambda: asyncio.run(runs()), 1)


def test_a_stream(service: Shipped, held: Held) -> None:
    headers = service.headers(Role.CLIENT)

    async def streams() -> None:
        for number in range(RUNS):
            body = {"question": f"How long is the warranty of device {number}?"}
            assert (await call(service.app, "POST", "/v1/answers/stream", headers=headers, body=body)).status == 200

    held(f"{RUNS} streamed answers", lambda: asyncio.run(streams()), 1)


def test_a_search(service: Shipped, held: Held) -> None:
    documents = FolderDocuments(service.container.settings.config_dir / "documents")
    searches = [Search("How many days do I have to return an item?", 3)] * 20
    held("20 searches", lambda: asyncio.run(_searched(documents, searches)), 5)


async def _searched(documents: FolderDocuments, searches: list[Search]) -> None:
    assert len(await documents.search(searches)) == len(searches)


def test_a_look_for_attacks(held: Held) -> None:
    held("2,200 letters are looked at", lambda: findings(TEXT), 20)
