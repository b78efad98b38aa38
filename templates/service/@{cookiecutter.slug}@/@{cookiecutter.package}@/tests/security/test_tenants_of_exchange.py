"""Tenants in the exchange: agents, tasks, streams and messages of one are not there for another, whatever its role."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update
from starlette.testclient import WebSocketDenialResponse

from ...models.events import Event, EventType
from ...models.identity import Role
from ...models.messages import TENANT_HEADER, Message
from ...models.registry import AgentStatus
from ...models.tables.registry import AgentRow
from ...models.tables.tasks import TaskRow
from ...services.event_hub import EventHub
from ...utils.tenancy import DEFAULT_TENANT, bind_tenant, every_tenant
from ..fixtures.exchange import PATIENCE, ExchangeService, exchange_settings, exchanging, task_records
from ..fixtures.messaging import make_metrics

AGENT = {"name": "peer", "version": "1.0.0", "capabilities": ["answer.invoices"]}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ExchangeService]:
    with exchanging(exchange_settings(tmp_path_factory.mktemp("tenants"))) as service:
        yield service


def admin(service: ExchangeService, tenant: str, subject: str = "ann") -> dict[str, str]:
    """Return what one sends who may do everything in a tenant."""
    return service.headers(Role.ADMIN, subject=subject, tenant=tenant)


def submit(service: ExchangeService, tenant: str, question: str, key: str | None = None) -> str:
    headers = admin(service, tenant) | ({"Idempotency-Key": key} if key else {})
    response = service.client.post("/v1/tasks", json={"question": question}, headers=headers)
    assert response.is_success, response.text
    return str(response.json()["id"])


def test_a_task_is_not_there_for_another_tenant(service: ExchangeService) -> None:
    task_id = submit(service, "acme", "Ours?")
    rival = admin(service, "rival")
    for method, path in (
        ("GET", f"/v1/tasks/{task_id}"),
        ("POST", f"/v1/tasks/{task_id}/retry"),
    ):
        response = service.client.request(method, path, headers=rival)
        assert (response.status_code, response.json()["type"]) == (404, "urn:problem:not-found")
        assert response.json()["detail"] == f"There is no task {task_id}."
    assert service.client.get("/v1/tasks", headers=rival).json()["items"] == []
    assert service.client.get("/v1/exports/tasks", headers=rival).text == ""
    assert service.client.get(f"/v1/tasks/{task_id}", headers=admin(service, "acme")).json()["id"] == task_id
    assert task_id in service.client.get("/v1/exports/tasks", headers=admin(service, "acme")).text


def test_a_worker_answers_for_the_tenant_of_the_task(service: ExchangeService) -> None:
    task_id = submit(service, "acme", "Who answers?")
    deadline = time.monotonic() + PATIENCE
    while (task := service.client.get(f"/v1/tasks/{task_id}", headers=admin(service, "acme")).json())["answer"] is None:
        assert time.monotonic() < deadline, task
        time.sleep(0.01)
    trail = (service.container.settings.state_dir / "audit.jsonl").read_text().splitlines()
    worked = [line for line in trail if '"tasks:work"' in line and task_id in line]
    assert ['"tenant": "acme"' in line for line in worked] == [True]


def test_keys_of_tasks_are_each_tenants_own(service: ExchangeService) -> None:
    first = submit(service, "acme", "Ours?", key="order-17")
    assert submit(service, "rival", "Something else?", key="order-17") != first
    assert submit(service, "acme", "Ours?", key="order-17") == first


def test_agents_are_not_there_for_another_tenant(service: ExchangeService) -> None:
    path = "/v1/agents/invoice-reader"
    acme, rival = admin(service, "acme"), admin(service, "rival", subject="eve")
    assert service.client.put(path, json=AGENT, headers=acme).status_code == 201
    for method, place in (("GET", path), ("POST", f"{path}/heartbeat"), ("DELETE", path)):
        assert service.client.request(method, place, json={}, headers=rival).status_code == 404
    assert service.client.get("/v1/agents", headers=rival).json()["items"] == []
    assert service.client.get("/v1/exports/agents", headers=rival).text == ""
    gathering = {"question": "?", "capability": "answer.invoices"}
    assert service.client.post("/v1/gather", json=gathering, headers=rival).status_code == 422
    assert service.client.put(path, json=AGENT, headers=rival).status_code == 201  # an id of its own, not a taken one
    assert service.client.delete(path, headers=rival).status_code == 204
    assert service.client.get(path, headers=acme).json()["owner"] == "ann"


def test_a_stream_of_another_tenants_task_is_refused_as_one_of_none(service: ExchangeService) -> None:
    task_id = submit(service, "acme", "Who watches?")
    with (
        pytest.raises(WebSocketDenialResponse) as caught,
        service.client.websocket_connect(f"/v1/tasks/{task_id}/status", headers=admin(service, "rival")),
    ):
        pass
    assert caught.value.status_code == 404


async def test_events_reach_the_tenant_alone_and_do_not_say_whose_they_are() -> None:
    hub = EventHub(5, make_metrics())
    event = Event(type=EventType.TASK_STATUS_CHANGED, subject="tasks/1", tenant="acme")
    bind_tenant("rival")
    with hub.subscribe("tasks/1") as theirs, hub.subscribe() as all_of_theirs:
        bind_tenant("acme")
        with hub.subscribe("tasks/1") as ours:
            await hub.publish(event)
            assert await anext(ours) == event
        await hub.close()
        assert [heard async for heard in theirs] == [heard async for heard in all_of_theirs] == []
    assert "acme" not in event.model_dump_json()


@pytest.mark.parametrize("given", ["", "a b", "x" * 65, "*", "a:b"])
def test_a_message_that_names_no_tenant_is_the_default_ones(given: str) -> None:
    assert Message(body={}, headers={TENANT_HEADER: given}).tenant == DEFAULT_TENANT
    assert Message(body={}).tenant == DEFAULT_TENANT


def test_a_submission_belongs_to_the_tenant_of_its_token(service: ExchangeService) -> None:
    token = service.container.tokens.issue("service:shop", [Role.CLIENT], tenant="shops")
    body = {"token": token, "idempotency_key": "k", "question": "Whose?"}
    message = Message.model_validate({"body": body, "headers": {TENANT_HEADER: "rival"}})
    service.within(lambda: service.exchange.messaging.submissions.send(message))
    shops, deadline = admin(service, "shops"), time.monotonic() + PATIENCE
    while not service.client.get("/v1/tasks", headers=shops).json()["items"]:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    listed = service.client.get("/v1/tasks", headers=admin(service, "rival", subject="service:shop")).json()["items"]
    assert "service:shop" not in {task["submitted_by"] for task in listed}


def test_what_the_service_does_by_itself_reaches_every_tenant(service: ExchangeService) -> None:
    task_id = submit(service, "north", "Lost?")
    path = "/v1/agents/silent"
    assert service.client.put(path, json=AGENT, headers=admin(service, "north")).status_code == 201
    long_ago = datetime.now(UTC) - timedelta(days=1)

    async def neglected() -> set[str]:
        with every_tenant():
            async with service.container.store.transaction() as session:
                await session.execute(update(AgentRow).where(AgentRow.id == "silent").values(expires_at=long_ago))
                values = {"status": "queued", "due_at": long_ago}
                await session.execute(update(TaskRow).where(TaskRow.id == task_id).values(values))
            lost = await task_records(service.container.store).lost(datetime.now(UTC) + timedelta(hours=1))
        await service.exchange.registry.expire()
        return {f"{task.tenant} {task.id}" for task in lost}

    assert f"north {task_id}" in service.within(neglected)
    assert service.client.get(path, headers=admin(service, "north")).json()["status"] == AgentStatus.INACTIVE
