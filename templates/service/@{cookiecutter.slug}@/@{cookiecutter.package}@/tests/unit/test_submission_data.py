from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from ...config.secrets import FixedSecret
from ...models.identity import Role
from ...models.messages import Message
from ...services.authentication import TokenService
from ...services.event_hub import EventHub
from ...services.memory_queue import MemoryQueue
from ...services.messaging import Messaging
from ...services.personal_data.submissions import SubmissionData
from ...services.redis_queue import RedisQueue
from ...utils.tenancy import bind_tenant
from ..fixtures.messaging import RedisServer, make_metrics, unique_name
from ..fixtures.service import KEY

TOKENS = TokenService(FixedSecret(KEY), issuer="i", audience="a")


def submission(subject: str, question: str, tenant: str = "default") -> Message:
    token = TOKENS.issue(subject, [Role.CLIENT], timedelta(seconds=-1), tenant)
    return Message(body={"token": token, "idempotency_key": "a", "question": question})


@pytest.fixture
async def waiting() -> AsyncIterator[tuple[RedisQueue, SubmissionData]]:
    server, name = RedisServer(), unique_name()
    async with server.client() as theirs, server.client() as ours:
        queue = RedisQueue(ours, name, "operator", 60.0)
        messaging = Messaging(EventHub(1, make_metrics()), MemoryQueue(), queue, ours)
        yield RedisQueue(theirs, name, "worker", 60.0), SubmissionData(lambda: messaging)


async def fill(queue: RedisQueue) -> None:
    """Let one message of ann's be held, one delayed and one wait, and others stand between them."""
    for question in ("held?", "delayed?"):
        await queue.send(submission("ann", question))
    held, delayed = [await queue.receive(0.05) for _ in range(2)]
    assert held is not None
    assert delayed is not None
    await queue.retry(delayed, 600)
    for message in (
        submission("ben", "Mine?"),
        submission("ann", "waiting?"),
        submission("ann", "Elsewhere?", "shop"),
        Message(body={"token": "none", "question": "Whose?"}),
    ):
        await queue.send(message)


async def test_what_waits_is_told_without_its_token(waiting: tuple[RedisQueue, SubmissionData]) -> None:
    queue, data = waiting
    await fill(queue)
    told = [record async for record in data.export("ann")]
    assert sorted(str(record["question"]) for record in told) == ["delayed?", "held?", "waiting?"]
    assert all(record.keys() == {"idempotency_key", "question"} for record in told)


async def test_who_is_erased_has_nothing_that_waits(waiting: tuple[RedisQueue, SubmissionData]) -> None:
    queue, data = waiting
    await fill(queue)
    assert await data.erase("ann") == 3
    left = {str(message.body["question"]) async for message in queue.unsettled()}
    assert left == {"Mine?", "Elsewhere?", "Whose?"}
    assert (await queue.depth()).held == 0
    bind_tenant("shop")
    assert await data.erase("ann") == 1


async def test_many_messages_are_looked_through(waiting: tuple[RedisQueue, SubmissionData]) -> None:
    queue, data = waiting
    for number in range(230):  # more than one batch
        await queue.send(Message(body={"token": "none", "number": number}))
    await queue.send(submission("ann", "Last?"))
    assert await data.erase("ann") == 1


async def test_a_queue_inside_of_the_process_has_nothing_for_others() -> None:
    data = SubmissionData(lambda: Messaging(EventHub(1, make_metrics()), MemoryQueue(), MemoryQueue()))
    assert [record async for record in data.export("ann")] == []
    assert (await data.erase("ann"), await data.sweep()) == (0, 0)
