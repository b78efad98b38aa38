"""The agent behind the surface fails in every way: clients get a clear answer, and the service goes on."""

import asyncio

import pytest

from ... import exceptions
from ...config.settings import Settings
from ...models.answer import Answer, Question
from ...models.history import NO_HISTORY, History
from ...models.identity import Role
from ..fixtures.agents import ScriptedAgent
from ..fixtures.asgi import call
from ..fixtures.service import limited, running

QUESTION = {"question": "What is an agent?"}
FAILURES: dict[str, tuple[Exception, int]] = {
    "unavailable": (exceptions.DependencyUnavailableError("down"), 502),
    "timeout": (exceptions.DependencyTimeoutError("slow"), 504),
    "refused": (exceptions.DependencyRefusedError("no"), 502),
    "circuit": (exceptions.CircuitOpenError("open"), 502),
    "output": (exceptions.OutputError("odd"), 502),
    "crash": (RuntimeError("secret detail"), 500),
    "memory": (MemoryError("secret detail"), 500),
    "recursion": (RecursionError("secret detail"), 500),
    "operating system": (OSError(24, "secret detail"), 500),
}


@pytest.mark.parametrize(("error", "status"), FAILURES.values(), ids=FAILURES.keys())
def test_a_failure_is_a_clear_problem_and_the_next_request_is_answered(
    settings: Settings, error: Exception, status: int
) -> None:
    with running(settings, ScriptedAgent(error, "fine")) as service:
        first = service.client.post("/v1/answers", json=QUESTION, headers=service.headers(Role.CLIENT))
        second = service.client.post("/v1/answers", json=QUESTION, headers=service.headers(Role.CLIENT))
        assert service.client.get("/health/ready").status_code == 200
    assert (first.status_code, first.headers["content-type"]) == (status, "application/problem+json")
    assert "secret detail" not in first.text
    assert second.status_code == 200


class Stuck(ScriptedAgent):
    """Answers when it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = asyncio.Event()
        self.let_go = asyncio.Event()

    async def answer(self, question: Question, history: History = NO_HISTORY, *, fresh: bool = False) -> Answer:
        self.begun.set()
        await self.let_go.wait()
        return await super().answer(question, history, fresh=fresh)


async def test_more_than_can_be_worked_on_is_turned_away_and_the_rest_answered(settings: Settings) -> None:
    agent = Stuck()
    with running(limited(settings, max_concurrency=3), agent) as service:
        app, headers = service.client.app, service.headers(Role.CLIENT)
        requests = [
            asyncio.create_task(call(app, "POST", "/v1/answers", headers=headers, body=QUESTION)) for _ in range(10)
        ]
        turned_away = [await first for _, first in zip(range(7), asyncio.as_completed(requests), strict=False)]
        assert {(reply.status, reply.headers["retry-after"]) for reply in turned_away} == {(503, "1")}
        assert (await call(app, "GET", "/health/live")).status == 200
        agent.let_go.set()
        statuses = [reply.status for reply in await asyncio.gather(*requests)]
    assert (statuses.count(200), statuses.count(503)) == (3, 7)


async def test_a_client_that_gives_up_leaves_its_place(settings: Settings) -> None:
    agent = Stuck()
    with running(limited(settings, max_concurrency=1), agent) as service:
        app, headers = service.client.app, service.headers(Role.CLIENT)
        request = asyncio.create_task(call(app, "POST", "/v1/answers", headers=headers, body=QUESTION))
        await agent.begun.wait()
        request.cancel()
        await asyncio.wait([request])
        assert service.container.lifecycle.active == 0
        agent.let_go.set()
        reply = await call(app, "POST", "/v1/answers", headers=headers, body=QUESTION)
    assert reply.status == 200
