"""The tools through the public surface: what they do is what the routes do."""

from collections.abc import Iterator
from typing import Any

import pytest

from ...models.identity import Role
from ...services.own_entry import CAPABILITIES
from ...services.service_tools import TOOLS
from ..fixtures.exchange import ExchangeService, exchange_settings, exchanging


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ExchangeService]:
    with exchanging(exchange_settings(tmp_path_factory.mktemp("tools"))) as service:
        yield service


def call(service: ExchangeService, name: str, **arguments: object) -> Any:  # noqa: ANN401  # JSON
    headers = service.headers(Role.CLIENT, subject="ann")
    response = service.client.post(f"/v1/tools/{name}", json={"arguments": arguments}, headers=headers)
    assert response.status_code == 200, response.text
    assert response.json()["tool"] == name
    return response.json()["result"]


def test_what_the_service_can_do_is_declared_once(service: ExchangeService) -> None:
    listed = service.client.get("/v1/tools", headers=service.headers(Role.ADMIN)).json()
    assert [tool["name"] for tool in listed] == [tool.name for tool in TOOLS] == list(CAPABILITIES)
    for tool in listed:
        assert tool["description"]
        assert [name for name, field in tool["parameters"]["properties"].items() if not field.get("description")] == []


def test_an_agent_sees_only_what_it_may_call(service: ExchangeService) -> None:
    listed = service.client.get("/v1/tools", headers=service.headers(Role.AGENT)).json()
    assert [tool["name"] for tool in listed] == ["agents.find"]
    refused = service.client.post("/v1/tools/answer.text", json={}, headers=service.headers(Role.AGENT))
    assert refused.status_code == 403


def test_each_tool_does_what_its_route_does(service: ExchangeService) -> None:
    assert call(service, "answer.text", question="Why?")["output"] == {"answer_text": "fine"}
    service.within(service.exchange.own_entry.refresh)  # else it happens in the background
    (own,) = call(service, "agents.find", capability="answer.text")["items"]
    assert own["id"] == service.exchange.own_entry.id
    gathered = call(service, "agents.ask", question="Why?", agents=[own["id"]])
    assert (gathered["complete"], len(gathered["replies"])) == (True, 1)
    task = call(service, "tasks.submit", question="Why?", idempotency_key="order-17")
    assert call(service, "tasks.submit", question="Why?", idempotency_key="order-17")["id"] == task["id"]
    service.ended(task["id"])
    assert call(service, "tasks.get", task_id=task["id"])["status"] == "succeeded"
    assert 'agent_tool_calls_total{outcome="ok",tool="tasks.submit"} 2.0' in service.client.get("/metrics").text


def test_a_call_that_does_not_fit_is_a_problem(service: ExchangeService) -> None:
    headers = service.headers(Role.CLIENT)
    for name, body, status in (
        ("no.tool", {}, 404),
        ("NO", {}, 422),
        ("answer.text", {"arguments": {}}, 422),
        ("answer.text", {"arguments": [1]}, 422),
        ("tasks.get", {"arguments": {"task_id": "0" * 32}}, 404),
    ):
        response = service.client.post(f"/v1/tools/{name}", json=body, headers=headers)
        assert (response.status_code, response.json()["status"]) == (status, status)
