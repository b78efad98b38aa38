"""The client's tasks and registry, from the service itself."""

from collections.abc import Iterator

import pytest

from ...client import Client
from ...exceptions.client import ConflictError, NotFoundError
from ...models.gathering import GatherRequest
from ...models.identity import Role
from ...models.registry import AgentStatus, Heartbeat, Registration
from ...models.tasks import TaskStatus
from ..fixtures.exchange import ExchangeService, exchange_settings, exchanging

PEER = Registration(name="peer", version="1.0.0", capabilities=("sums.add",))


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ExchangeService]:
    with exchanging(exchange_settings(tmp_path_factory.mktemp("client"))) as service:
        yield service


@pytest.fixture
def client(service: ExchangeService) -> Iterator[Client]:
    token = service.container.tokens.issue("ann", [Role.ADMIN])
    with Client("http://testserver", token, transport=service.client._transport) as client:
        yield client


def test_a_task_is_submitted_once_and_found(client: Client, service: ExchangeService) -> None:
    submitted = client.submit_task("Why?", idempotency_key="one")
    assert client.submit_task("Why?", idempotency_key="one").id == submitted.id
    assert client.submit_task("Why?").id != submitted.id
    service.ended(submitted.id)
    found = client.get_task(submitted.id)
    assert (found.status, found.answer is not None) == (TaskStatus.SUCCEEDED, True)
    first = client.find_tasks(status=TaskStatus.SUCCEEDED, limit=1)
    assert len(first.items) == 1
    with client.export_tasks() as tasks:
        assert submitted.id in {task.id for task in tasks}
    with pytest.raises(ConflictError):
        client.retry_task(submitted.id)


def test_an_agent_is_registered_heard_of_and_removed(client: Client) -> None:
    assert client.register_agent("peer-1", PEER).capabilities == ("sums.add",)
    assert client.heartbeat("peer-1").status is AgentStatus.ACTIVE
    assert client.heartbeat("peer-1", Heartbeat(status=AgentStatus.DRAINING)).status is AgentStatus.DRAINING
    assert [agent.id for agent in client.find_agents(capability="sums.add").items] == ["peer-1"]
    with client.export_agents() as agents:
        assert "peer-1" in {agent.id for agent in agents}
    client.remove_agent("peer-1")
    with pytest.raises(NotFoundError):
        client.get_agent("peer-1")


def test_one_question_goes_to_several_agents(client: Client) -> None:
    client.register_agent("replica-1", PEER)
    gathered = client.gather(GatherRequest(question="Why?", agents=("replica-1",)))
    assert [(reply.agent_id, reply.outcome) for reply in gathered.replies] == [("replica-1", "answered")]
