"""Who may call from where."""

import pytest
from fastapi.testclient import TestClient

from ...config.settings import Settings
from ...handlers.middleware import AddressMiddleware
from ...models.identity import Role
from ..fixtures.agents import ScriptedAgent
from ..fixtures.service import make_settings, running


def allowed(settings: Settings, *networks: str) -> Settings:
    own = make_settings(settings.state_dir, allowed_networks=networks, store=settings.store.model_dump())
    assert len(own.allowed_networks) == len(networks)
    return own


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("10.1.2.3", 200),
        ("2001:db8::7", 200),
        ("::ffff:10.1.2.3", 200),
        ("11.0.0.1", 403),
        ("2001:db9::1", 403),
        ("somebody", 403),
        ("", 403),
    ],
)
def test_only_known_addresses_reach_the_agent(settings: Settings, address: str, status: int) -> None:
    agent = ScriptedAgent()
    with running(allowed(settings, "10.0.0.0/8", "2001:db8::/32"), agent) as service:
        client = TestClient(service.client.app, client=(address, 50_000))
        response = client.post("/v1/answers", json={"question": "Why?"}, headers=service.headers(Role.CLIENT))
        assert response.status_code == status
        assert len(agent.asked) == (status == 200)
        assert client.get("/health/live").status_code == 200
    if status == 403:
        assert response.json()["type"] == "urn:problem:permission-denied"


def test_without_a_list_everybody_reaches_it(settings: Settings) -> None:
    with running(settings, ScriptedAgent()) as service:
        client = TestClient(service.client.app, client=("203.0.113.9", 50_000))
        assert client.post("/v1/answers", json={"question": "Why?"}).status_code == 401


async def test_a_websocket_of_a_stranger_is_not_accepted(settings: Settings) -> None:
    sent = []

    async def send(message: object) -> None:
        sent.append(message)

    async def never(*_: object) -> None:
        raise AssertionError("was let in")

    middleware = AddressMiddleware(never, allowed(settings, "10.0.0.0/8").allowed_networks)
    scope = {"type": "websocket", "path": "/v1/x", "client": ("192.0.2.1", 1)}
    await middleware(scope, never, send)  # type: ignore[arg-type]  # nothing is received
    assert sent == [{"type": "websocket.close", "code": 1008}]


def test_the_contract_names_who_answers_for_it(settings: Settings) -> None:
    own = make_settings(settings.state_dir, contact_email="ann@example.org", contact_url="https://example.org/agent")
    with running(own, ScriptedAgent()) as service:
        contact = service.client.get("/openapi.json").json()["info"]["contact"]
    assert contact == {"email": "ann@example.org", "url": "https://example.org/agent"}
