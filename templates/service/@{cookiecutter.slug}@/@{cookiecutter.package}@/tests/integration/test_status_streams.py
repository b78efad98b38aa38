"""Status streams: what a client that watches gets to see."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import WebSocketDenialResponse, WebSocketTestSession
from starlette.websockets import WebSocket, WebSocketDisconnect

from ...handlers import status_streams
from ...models.identity import Role
from ...services.announcing import Announcer
from ...services.workers import Workers
from ..fixtures.exchange import ExchangeService, exchange_settings, exchanging
from ..fixtures.messaging import status_event

AGENT = "/v1/agents/peer-1/status"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ExchangeService]:
    settings = exchange_settings(tmp_path_factory.mktemp("streams"), status_streams=2, status_buffer=5)
    with exchanging(settings) as service:
        assert service.register("peer-1").status_code == 201
        yield service


def watch(service: ExchangeService, path: str, *roles: Role, subject: str = "ann") -> WebSocketTestSession:
    return service.client.websocket_connect(path, headers=service.headers(*roles, subject=subject))


def heartbeat(service: ExchangeService, status: str) -> None:
    headers = service.headers(Role.AGENT, subject="service:peer")
    assert service.client.post("/v1/agents/peer-1/heartbeat", json={"status": status}, headers=headers).is_success


def refused(service: ExchangeService, path: str, **headers: str) -> tuple[int, str]:
    with pytest.raises(WebSocketDenialResponse) as caught, service.client.websocket_connect(path, headers=headers):
        pass
    return caught.value.status_code, caught.value.json()["type"]


def closed_with(stream: WebSocketTestSession) -> int:
    """Return the code that ends the stream, whatever comes before."""
    while (message := stream.receive())["type"] != "websocket.close":
        pass
    return int(message["code"])


def test_a_watcher_sees_how_it_stands_and_every_change(service: ExchangeService) -> None:
    with watch(service, AGENT, Role.CLIENT) as stream:
        first = stream.receive_json()
        assert (first["type"], first["subject"], first["data"]["id"]) == ("snapshot", "agents/peer-1", "peer-1")
        heartbeat(service, "draining")
        heartbeat(service, "draining")
        heartbeat(service, "active")
        changes = [stream.receive_json() for _ in range(2)]
        assert "agent_active_connections 1.0" in service.client.get("/metrics").text
    assert [(event["data"]["old_status"], event["data"]["new_status"]) for event in changes] == [
        ("active", "draining"),
        ("draining", "active"),
    ]
    assert {event["specversion"] for event in changes} == {"1.0"}
    metrics = service.client.get("/metrics").text
    route = 'route="/v1/agents/{agent_id}/status",status="101"'
    assert f'agent_requests_total{{method="WEBSOCKET",{route}}}' in metrics


def test_a_task_is_watched_until_it_has_ended(service: ExchangeService, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = asyncio.Event()

    async def opened() -> None:
        gate.set()

    attempt = Workers._attempt

    async def gated(self: Workers, message: Any) -> Exception | None:  # noqa: ANN401
        await gate.wait()
        return await attempt(self, message)

    monkeypatch.setattr(Workers, "_attempt", gated)
    task_id = service.submit(subject="ann")["id"]
    with watch(service, f"/v1/tasks/{task_id}/status", Role.CLIENT) as stream:
        assert stream.receive_json()["data"]["status"] == "queued"
        service.within(opened)
        assert [stream.receive_json()["data"]["new_status"] for _ in range(2)] == ["running", "succeeded"]
        assert closed_with(stream) == 1000
    with watch(service, f"/v1/tasks/{task_id}/status", Role.CLIENT) as stream:
        assert stream.receive_json()["data"]["answer"]["output"] == {"answer_text": "fine"}
        assert closed_with(stream) == 1000


def test_a_browser_offers_its_token_as_a_protocol(service: ExchangeService) -> None:
    token = service.container.tokens.issue("ann", [Role.CLIENT])
    with service.client.websocket_connect(AGENT, subprotocols=["agent.status.v1", f"bearer.{token}"]) as stream:
        assert vars(stream)["accepted_subprotocol"] == "agent.status.v1"
        assert stream.receive_json()["type"] == "snapshot"


def test_strangers_see_nothing(service: ExchangeService) -> None:
    eve = service.headers(Role.CLIENT, subject="eve")
    task = f"/v1/tasks/{service.submit(subject='ann')['id']}/status"
    assert refused(service, AGENT) == (401, "urn:problem:unauthenticated")
    assert refused(service, AGENT, Authorization="Bearer x.y.z") == (401, "urn:problem:unauthenticated")
    assert refused(service, AGENT, **service.headers()) == (403, "urn:problem:permission-denied")
    assert refused(service, task, **eve) == (404, "urn:problem:not-found")
    assert refused(service, "/v1/agents/nobody/status", **eve) == (404, "urn:problem:not-found")
    lines = (service.container.settings.state_dir / "audit.jsonl").read_text().splitlines()
    assert "denied" in {json.loads(line)["outcome"] for line in lines}


@pytest.mark.parametrize("role", Role)
def test_roles_may_watch_what_they_may_read(service: ExchangeService, role: Role) -> None:
    task = f"/v1/tasks/{service.submit(subject='ann')['id']}/status"
    with watch(service, AGENT, role) as stream:
        assert stream.receive_json()["type"] == "snapshot"
    if role is Role.AGENT:
        assert refused(service, task, **service.headers(role, subject="ann"))[0] == 403
    else:
        with watch(service, task, role) as stream:
            assert stream.receive_json()["type"] == "snapshot"


def test_no_more_streams_than_allowed(service: ExchangeService) -> None:
    with watch(service, AGENT, Role.CLIENT) as one, watch(service, AGENT, Role.CLIENT) as two:
        assert one.receive_json()["type"] == two.receive_json()["type"] == "snapshot"
        assert refused(service, AGENT, **service.headers(Role.CLIENT)) == (503, "urn:problem:unavailable")
    with watch(service, AGENT, Role.CLIENT) as stream:
        assert stream.receive_json()["type"] == "snapshot"


def test_who_sends_something_is_sent_away(service: ExchangeService) -> None:
    with watch(service, AGENT, Role.CLIENT) as stream:
        stream.receive_json()
        stream.send_text("hello")
        assert closed_with(stream) == 1003


def test_who_is_too_slow_may_try_again(service: ExchangeService) -> None:
    async def flood() -> None:
        for number in range(20):  # without giving the stream a turn
            service.exchange.bus.deliver(status_event("agents/peer-1", number))  # type: ignore[attr-defined]

    with watch(service, AGENT, Role.CLIENT) as stream:
        stream.receive_json()
        service.within(flood)
        assert closed_with(stream) == 1013


def test_a_client_that_takes_nothing_is_not_waited_for(
    service: ExchangeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(status_streams, "SEND_SECONDS", 0.01)
    send = WebSocket.send_text

    async def stuck(self: WebSocket, data: str) -> None:
        await asyncio.sleep(30 if "snapshot" not in data else 0)
        await send(self, data)

    monkeypatch.setattr(WebSocket, "send_text", stuck)
    with watch(service, AGENT, Role.CLIENT) as stream:
        stream.receive_json()
        heartbeat(service, "draining")
        assert closed_with(stream) == 1013
    heartbeat(service, "active")


def test_a_change_whose_event_is_lost_is_seen_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def lost(*_: object) -> None:
        """Tell nobody, as when Redis is away."""

    monkeypatch.setattr(status_streams, "LOOK_AGAIN_SECONDS", 0.05)
    with exchanging(exchange_settings(tmp_path)) as service:
        service.register("peer-1")
        monkeypatch.setattr(Announcer, "tell", lost)
        with watch(service, AGENT, Role.CLIENT) as stream:
            assert stream.receive_json()["data"]["status"] == "active"
            heartbeat(service, "draining")
            shown = stream.receive_json()
            assert (shown["type"], shown["data"]["status"]) == ("snapshot", "draining")
            service.client.delete("/v1/agents/peer-1", headers=service.headers(Role.AGENT, subject="service:peer"))
            assert closed_with(stream) == 1000
        task = f"/v1/tasks/{service.submit(subject='ann')['id']}/status"
        with watch(service, task, Role.CLIENT) as stream:
            assert closed_with(stream) == 1000  # whenever it ends


def test_a_stream_ends_when_its_time_is_over(tmp_path: Path) -> None:
    with exchanging(exchange_settings(tmp_path, status_lifetime=0.2)) as service:
        service.register("peer-1")
        with watch(service, AGENT, Role.CLIENT) as stream:
            assert stream.receive_json()["type"] == "snapshot"
            assert closed_with(stream) == 1000


def test_streams_end_with_the_service_and_none_is_begun_while_it_drains(tmp_path: Path) -> None:
    with exchanging(exchange_settings(tmp_path)) as service:
        service.register("peer-1")
        with watch(service, AGENT, Role.CLIENT) as stream:
            assert stream.receive_json()["type"] == "snapshot"
            service.container.lifecycle.drain()
            assert refused(service, AGENT, **service.headers(Role.CLIENT))[0] == 503
            service.within(service.exchange.bus.close)
            assert closed_with(stream) == 1012


def test_a_subject_that_is_none_is_refused(service: ExchangeService) -> None:
    with pytest.raises((WebSocketDisconnect, WebSocketDenialResponse)):
        watch(service, "/v1/tasks/none/status", Role.CLIENT).__enter__()


def test_who_watches_a_removed_agent_hears_that_and_no_more(service: ExchangeService) -> None:
    service.register("peer-2")
    with watch(service, "/v1/agents/peer-2/status", Role.CLIENT) as stream:
        stream.receive_json()
        headers = service.headers(Role.AGENT, subject="service:peer")
        service.client.delete("/v1/agents/peer-2", headers=headers)
        assert stream.receive_json()["type"] == "agent.removed"
        assert closed_with(stream) == 1000
