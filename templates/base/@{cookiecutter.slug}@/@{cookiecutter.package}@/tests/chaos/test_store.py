"""The store is away, silent or comes back: the process lives, says that it is not ready, and needs no restart."""

from pathlib import Path

import pytest

from ...config.settings import Settings
from ...models.identity import Role
from ...services import store
from ..fixtures.agents import ScriptedAgent
from ..fixtures.faulty import faulty, silence
from ..fixtures.service import Service, running
from ..fixtures.store import store_settings

NOBODY_THERE = "postgresql://agent@127.0.0.1:1/agent"
KEPT = {"question": "What is an agent?", "session_id": "s1"}
PLAIN = {"question": "What is an agent?"}


def ask(service: Service, body: dict[str, str]) -> tuple[int, str]:
    response = service.client.post("/v1/answers", json=body, headers=service.headers(Role.CLIENT))
    return response.status_code, response.json().get("type", "")


def with_store(settings: Settings, **changes: object) -> Settings:
    return settings.model_copy(update={"store": store_settings(**changes)})


def assert_only_what_needs_the_store_fails(service: Service) -> None:
    assert ask(service, PLAIN) == (200, "")
    assert ask(service, KEPT) == (503, "urn:problem:unavailable")
    ready = service.client.get("/health/ready")
    assert (ready.status_code, ready.json()["checks"]["store"]) == (503, "unhealthy")
    assert service.client.get("/health/live").status_code == 200


def test_nobody_answers_at_its_address(settings: Settings) -> None:
    with running(with_store(settings, url=NOBODY_THERE), ScriptedAgent()) as service:
        assert_only_what_needs_the_store_fails(service)


def test_it_takes_connections_and_says_nothing(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "CHECK_WITHIN_SECONDS", 0.2)
    with faulty(silence) as server:
        url = server.address.replace("http://", "postgresql://agent@") + "/agent"
        silent = with_store(settings, url=url, connect_timeout=60, tls="disable")
        with running(silent, ScriptedAgent()) as service:
            response = service.client.get("/health/ready")  # bounded: it would hang here
            assert (response.status_code, response.json()["checks"]["store"]) == (503, "unhealthy")
            assert ask(service, PLAIN) == (200, "")


def test_its_disk_comes_back(settings: Settings, tmp_path: Path) -> None:
    place = tmp_path / "disk"
    place.write_text("in the way")
    lost = with_store(settings, url=f"sqlite:///{place}/store.db")
    with running(lost, ScriptedAgent()) as service:
        assert ask(service, KEPT)[0] == 503
        assert service.client.get("/health/ready").status_code == 503
        place.unlink()
        service.container.health._recent.clear()  # five seconds later
        assert service.client.get("/health/ready").status_code == 200
        assert ask(service, KEPT) == (200, "")
