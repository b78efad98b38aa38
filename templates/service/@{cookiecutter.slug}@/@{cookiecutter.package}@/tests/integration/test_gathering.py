"""Gathering through the public surface: this service, a second one in the same process, and one that is away."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from ...models.identity import Role
from ...services import http_peers
from ..fixtures.agents import ScriptedAgent
from ..fixtures.exchange import ExchangeService, exchange_settings, exchanging


@pytest.fixture
def other(tmp_path: Path) -> Iterator[ExchangeService]:
    """Another service, which shares the signing key."""
    with exchanging(exchange_settings(tmp_path / "other"), ScriptedAgent("from the other")) as other:
        yield other


@pytest.fixture
def service(tmp_path: Path, other: ExchangeService, monkeypatch: pytest.MonkeyPatch) -> Iterator[ExchangeService]:
    """A service for which the other one is at port 1; everything else is away."""

    def carry(request: httpx2.Request) -> httpx2.Response:
        if request.url.port != 1:
            raise httpx2.ConnectError("nobody is there")
        headers = {name: request.headers[name] for name in ("authorization", "x-correlation-id", "content-type")}
        reply = other.client.post(request.url.path, content=request.content, headers=headers)
        return httpx2.Response(reply.status_code, content=reply.content)

    make = http_peers.HttpPeers.__init__

    def wired(self: http_peers.HttpPeers, *arguments: object) -> None:
        make(self, *arguments, httpx2.MockTransport(carry))  # type: ignore[arg-type, call-arg]

    monkeypatch.setattr(http_peers.HttpPeers, "__init__", wired)
    with exchanging(exchange_settings(tmp_path / "own", retries=0), ScriptedAgent("from here")) as service:
        service.within(service.exchange.own_entry.refresh)
        service.register("away", endpoint="http://127.0.0.1:2")
        audience = other.container.settings.jwt_audience
        assert service.register("there", endpoint="http://127.0.0.1:1", audience=audience).status_code == 201
        yield service


def test_one_question_goes_to_all_that_can_answer_it(service: ExchangeService, other: ExchangeService) -> None:
    headers = service.headers(Role.CLIENT, subject="ann") | {"X-Correlation-ID": "abc-1"}
    response = service.client.post(
        "/v1/gather", json={"question": "Why?", "capability": "answer.text", "min_answers": 2}, headers=headers
    )
    assert response.status_code == 200, response.text
    replies = {reply["agent_id"]: reply for reply in response.json()["replies"]}
    assert response.json()["complete"] is False
    assert replies["away"]["outcome"] == "failed"
    assert replies["there"]["answer"]["output"] == {"answer_text": "from the other"}
    assert replies[service.exchange.own_entry.id]["answer"]["output"] == {"answer_text": "from here"}
    (entry,) = map(json.loads, (other.container.settings.state_dir / "audit.jsonl").read_text().splitlines())
    assert (entry["subject"], entry["correlation_id"]) == ("ann", "abc-1")  # the caller and its request are known there


def test_too_few_answers_are_a_problem_and_are_written_down(service: ExchangeService) -> None:
    response = service.client.post(
        "/v1/gather", json={"question": "Why?", "agents": ["away"]}, headers=service.headers(Role.CLIENT)
    )
    assert (response.status_code, response.json()["type"]) == (502, "urn:problem:not-enough-answers")
    lines = (service.container.settings.state_dir / "audit.jsonl").read_text().splitlines()
    assert json.loads(lines[-1])["outcome"] == "failed: NotEnoughAnswersError"
