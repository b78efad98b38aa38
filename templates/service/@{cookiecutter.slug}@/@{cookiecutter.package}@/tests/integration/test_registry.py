"""The agent registry through the public surface."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from ... import SERVICE
from ...exceptions.exchange import NotFoundError
from ...models.events import Event
from ...models.identity import Role
from ...models.registry import AgentStatus
from ...services.agent_records import AgentRecords
from ...services.lifecycle import Lifecycle
from ...services.own_entry import OwnEntry
from ...services.registry import FORGOTTEN_AFTER
from ..fixtures.exchange import ExchangeService, exchange_settings, exchanging
from ..fixtures.peers import registered


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ExchangeService]:
    with exchanging(exchange_settings(tmp_path_factory.mktemp("registry"))) as service:
        yield service


@pytest.fixture
def service(shared: ExchangeService) -> Iterator[ExchangeService]:
    """The shared service without any agent but itself."""
    yield shared
    for agent in items(shared, limit=200):
        if agent["name"] != SERVICE:
            assert remove(shared, agent["id"], agent["owner"]) == 204


def items(service: ExchangeService, **query: object) -> list[dict[str, object]]:
    parameters = {name: str(value) for name, value in query.items()}
    response = service.client.get("/v1/agents", params=parameters, headers=service.headers(Role.CLIENT))
    assert response.status_code == 200, response.text
    found: list[dict[str, object]] = response.json()["items"]
    return found


def remove(service: ExchangeService, agent_id: object, subject: object = "service:peer") -> int:
    headers = service.headers(Role.AGENT, subject=str(subject))
    return service.client.delete(f"/v1/agents/{agent_id}", headers=headers).status_code


def beat(service: ExchangeService, agent_id: str, subject: str = "service:peer", status: str = "active") -> int:
    headers = service.headers(Role.AGENT, subject=subject)
    response = service.client.post(f"/v1/agents/{agent_id}/heartbeat", json={"status": status}, headers=headers)
    return response.status_code


def status(service: ExchangeService, agent_id: str) -> str:
    response = service.client.get(f"/v1/agents/{agent_id}", headers=service.headers(Role.CLIENT))
    return str(response.json()["status"])


def events_of(service: ExchangeService, subject: str, work: object) -> list[Event]:
    """Return the events that something leads to."""

    async def listen() -> list[Event]:
        with service.exchange.bus.subscribe(subject) as events:
            await work()  # type: ignore[operator]
            await service.exchange.bus.close()
            return [event async for event in events]

    return service.within(listen)


def test_an_agent_registers_is_found_and_leaves(service: ExchangeService) -> None:
    response = service.register("peer-1", capabilities=["read.invoices", "answer.text"], metadata={"zone": "a"})
    assert response.status_code == 201
    (found,) = items(service, capability="read.invoices")
    assert found == response.json()
    assert (found["id"], found["status"], found["owner"]) == ("peer-1", "active", "service:peer")
    assert found["capabilities"] == ["answer.text", "read.invoices"]
    assert remove(service, "peer-1") == 204
    assert remove(service, "peer-1") == 404
    assert items(service, capability="read.invoices") == []


def test_registering_again_changes_what_is_known(service: ExchangeService) -> None:
    first = service.register("peer-1", capabilities=["one", "two"])
    second = service.register("peer-1", capabilities=["two", "three"], version="1.1.0")
    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json()["registered_at"] == first.json()["registered_at"]
    assert items(service, capability="one") == []
    assert [agent["version"] for agent in items(service, capability="three")] == ["1.1.0"]


def test_an_entry_belongs_to_who_made_it(service: ExchangeService) -> None:
    service.register("peer-1")
    assert service.register("peer-1", subject="service:thief").status_code == 403
    assert beat(service, "peer-1", subject="service:thief") == 403
    assert remove(service, "peer-1", "service:thief") == 403
    admin = service.headers(Role.ADMIN, subject="boss")
    assert service.client.delete("/v1/agents/peer-1", headers=admin).status_code == 204


def test_of_two_who_register_the_same_id_at_once_one_gets_it(service: ExchangeService) -> None:
    owners = [f"service:{number}" for number in range(8)]
    with ThreadPoolExecutor(len(owners)) as pool:
        statuses = list(pool.map(lambda owner: service.register("peer-1", subject=owner).status_code, owners))
    assert sorted(statuses) == [201] + [403] * 7
    (found,) = [agent for agent in items(service, limit=200) if agent["id"] == "peer-1"]
    assert found["owner"] == owners[statuses.index(201)]


@pytest.mark.parametrize(
    "change",
    [
        {"name": "No Name"},
        {"version": "latest"},
        {"capabilities": []},
        {"capabilities": ["UPPER"]},
        {"endpoint": "ftp://127.0.0.1"},
        {"endpoint": "http://169.254.169.254/latest/meta-data"},
        {"endpoint": "https://evil.example"},
        {"metadata": {"a": "x" * 201}},
        {"status": "active"},
    ],
    ids=str,
)
def test_a_registration_that_makes_no_sense_is_refused(service: ExchangeService, change: dict[str, str]) -> None:
    response = service.register("peer-1", **change)
    assert (response.status_code, response.json()["type"]) == (422, "urn:problem:invalid-input")


@pytest.mark.parametrize("agent_id", ["-a", "A", "a_b", "x" * 81])
def test_an_id_that_is_none_is_refused(service: ExchangeService, agent_id: str) -> None:
    assert service.register(agent_id).status_code == 422


def test_lists_come_in_pages(service: ExchangeService) -> None:
    for number in range(5):
        service.register(f"peer-{number}", capabilities=["paging"])
    found: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        query = {"capability": "paging", "limit": "2", "cursor": cursor}
        page = service.client.get("/v1/agents", params=query, headers=service.headers(Role.CLIENT)).json()
        found, cursor = [*found, *(agent["id"] for agent in page["items"])], page["next_cursor"]
    assert found == [f"peer-{number}" for number in range(5)]


def test_who_is_not_heard_of_in_time_becomes_inactive_and_comes_back(service: ExchangeService) -> None:
    service.register("peer-1")
    long_ago = datetime.now(UTC) - timedelta(seconds=1)
    records = AgentRecords(service.container.store)
    service.within(lambda: records.seen("peer-1", AgentStatus.ACTIVE, long_ago, long_ago))
    told = events_of(service, "agents/peer-1", service.exchange.registry.expire)
    assert [event.data["new_status"] for event in told] == ["inactive"]
    assert status(service, "peer-1") == "inactive"
    assert [agent["id"] for agent in items(service, status="inactive")] == ["peer-1"]
    assert beat(service, "peer-1") == 200
    assert status(service, "peer-1") == "active"
    assert beat(service, "peer-1", status="draining") == 200
    assert status(service, "peer-1") == "draining"
    assert beat(service, "peer-1", status="inactive") == 422


def test_who_is_not_heard_of_for_long_is_forgotten(service: ExchangeService) -> None:
    long_ago = datetime.now(UTC) - FORGOTTEN_AFTER - timedelta(seconds=1)
    records = AgentRecords(service.container.store)
    gone = registered("peer-1", status="inactive", last_seen_at=long_ago, expires_at=long_ago)
    service.within(lambda: records.put(gone))
    service.within(service.exchange.registry.forget)
    assert beat(service, "peer-1") == 404


def test_this_service_is_in_the_registry_itself(service: ExchangeService) -> None:
    registry, lifecycle = service.exchange.registry, Lifecycle(1)
    own = OwnEntry(registry, lifecycle)
    own.id = "my-agent-2"
    service.within(own.refresh)
    agent = service.within(lambda: registry.get(own.id))
    assert (agent.name, agent.endpoint, agent.status) == (SERVICE, None, AgentStatus.ACTIVE)
    lifecycle.drain()
    service.within(own.refresh)
    assert status(service, own.id) == "draining"
    service.within(own.remove)
    with pytest.raises(NotFoundError):
        service.within(lambda: registry.get(own.id))


def test_an_export_has_every_agent_in_batches(service: ExchangeService) -> None:
    records = AgentRecords(service.container.store)

    async def fill() -> list[int]:
        for number in range(7):
            await records.put(registered(f"peer-{number}"))
        return [len(batch) async for batch in records.stream(batch=3)]

    sizes = service.within(fill)
    assert max(sizes) == 3
    response = service.client.get("/v1/exports/agents", headers=service.headers(Role.OPERATOR))
    assert response.headers["content-type"] == "application/x-ndjson"
    exported = [json.loads(line)["id"] for line in response.text.splitlines()]
    assert exported == sorted(exported)
    assert len(exported) == sum(sizes) >= 7


def test_metrics_tell_how_many_agents_there_are(service: ExchangeService) -> None:
    assert 'agent_registered_agents{status="active"}' in service.client.get("/metrics").text
