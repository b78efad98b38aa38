"""The client's status streams, from a real process."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from websockets.sync.server import ServerConnection, serve

from ...client import AsyncClient, Client, Retries
from ...exceptions.client import NoAnswerError, NotFoundError, UnauthenticatedError, UnreachableError
from ...models.events import Event, EventType
from ...models.identity import Role
from ...models.tasks import new_task_id
from ..fixtures.messaging import status_event
from ..fixtures.process import Running


def address(service: Running) -> str:
    return f"http://127.0.0.1:{service.port}"


def token(service: Running) -> str:
    return service.token(Role.CLIENT, subject="ann").removeprefix("Bearer ")


@pytest.fixture
def client(service: Running) -> Iterator[Client]:
    with Client(address(service), token(service)) as client:
        yield client


def ended(events: list[Event]) -> bool:
    first, last = events[0], events[-1]
    return first.type is EventType.SNAPSHOT and "succeeded" in {last.data.get("status"), last.data.get("new_status")}


def test_a_task_is_watched_until_it_has_ended(client: Client) -> None:
    task = client.submit_task("Why?")
    with client.watch_task(task.id) as events:
        assert ended(list(events))


async def test_the_asynchronous_client_watches_too(service: Running) -> None:
    async with AsyncClient(address(service), lambda: token(service)) as client:
        task = await client.submit_task("Why?")
        async with client.watch_task(task.id) as events:
            assert ended([event async for event in events])
        with pytest.raises(NotFoundError):
            async with client.watch_agent("nobody") as events:
                await anext(events)


def test_who_may_not_watch_is_told_why(service: Running, client: Client) -> None:
    with pytest.raises(NotFoundError), client.watch_task(new_task_id()) as events:
        next(events)
    stranger = Client(address(service), "forged")
    with stranger, pytest.raises(UnauthenticatedError), stranger.watch_task(new_task_id()) as events:
        next(events)
    nobody = Client("http://127.0.0.1:1", "t", retries=Retries(attempts=1))
    with nobody, pytest.raises(UnreachableError), nobody.watch_agent("a") as events:
        next(events)


@contextmanager
def closing_with(*codes: int) -> Iterator[str]:
    """Run a service whose streams tell one event each and close with these codes, one after the other."""
    left = iter(codes)

    def tell(connection: ServerConnection) -> None:
        connection.send(status_event("agents/a").model_dump_json())
        connection.close(next(left))

    with serve(tell, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.socket.getsockname()[1]}"
        server.shutdown()
        thread.join()


async def test_a_stream_is_opened_again_where_the_service_says_so() -> None:
    with closing_with(1012, 1013, 1000) as url, Client(url, "t") as client, client.watch_agent("a") as events:
        assert len(list(events)) == 3
    with closing_with(1013, 1000) as url:
        async with AsyncClient(url, "t") as other, other.watch_agent("a") as later:
            assert len([event async for event in later]) == 2


def test_a_stream_that_was_cut_otherwise_says_so() -> None:
    with closing_with(1011) as url, Client(url, "t") as client, client.watch_agent("a") as events:
        next(events)
        with pytest.raises(NoAnswerError, match="1011"):
            next(events)
