"""Stopping: what was taken on is finished and answered, and nothing else is taken on."""

import http.client
import json
import signal
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import count
from pathlib import Path
from threading import Event

import pytest

from ...models.identity import Role
from ..fixtures.faulty import faulty, silence
from ..fixtures.process import PATIENCE, Running, serving, wait_until

CLIENTS = 4
BODY = json.dumps({"question": "What is an agent?"}).encode()


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Running]:
    """A process that the test may stop."""
    with serving(tmp_path) as running:
        yield running


@pytest.fixture
def unwatched(tmp_path: Path) -> Iterator[Running]:
    """One whose collector of spans says nothing."""
    with faulty(silence) as collector, serving(tmp_path, OTLP_ENDPOINT=f"{collector.address}/v1/traces") as running:
        yield running


def events(records: str) -> list[str]:
    """Return the events of its records, each of which is a line of JSON with what every record has."""
    parsed = [json.loads(line) for line in records.splitlines()]
    assert all(record.keys() >= {"event", "level", "timestamp", "service"} for record in parsed)
    assert all(record["correlation_id"] for record in parsed if record["event"] == "request")
    return [record["event"] for record in parsed]


def test_sigterm_finishes_what_runs_and_waits_for_no_collector(unwatched: Running) -> None:
    with closing(socket.create_connection(("127.0.0.1", unwatched.port), timeout=PATIENCE)) as connection:
        connection.sendall(_head(unwatched) + BODY[:5])  # the service waits for the rest
        wait_until(lambda: _active(unwatched) == 2, unwatched.process)  # this request and the one that asks
        unwatched.process.send_signal(signal.SIGTERM)
        wait_until(lambda: not _listens(unwatched), unwatched.process)
        assert unwatched.process.poll() is None
        connection.sendall(BODY[5:])
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        assert answer.status == 200
        assert not json.loads(answer.read())["degraded"]
    happened = events(unwatched.end())
    assert unwatched.process.returncode in {0, -signal.SIGTERM}
    assert happened.index("draining") < happened.index("stopped")


def test_a_signal_under_load_loses_no_request(own: Running) -> None:
    answered, numbers = Event(), count()
    tokens = [own.token(Role.CLIENT, subject=f"client-{number}") for number in range(CLIENTS)]

    def asking(token: str) -> list[int]:
        """Return the status of each answer until nothing is answered any more."""
        statuses: list[int] = []
        while True:
            try:
                body = {"question": f"What is agent {next(numbers)}?"}
                statuses.append(own.request("POST", "/v1/answers", body, Authorization=token).status)
            except (ConnectionError, http.client.RemoteDisconnected):
                return statuses  # not taken on: an answer that breaks off would be another error
            if len(statuses) > 5:
                answered.set()

    with ThreadPoolExecutor(CLIENTS) as pool:
        clients = [pool.submit(asking, token) for token in tokens]
        wait_until(answered.is_set, own.process)
        own.process.send_signal(signal.SIGINT)
        statuses = [status for client in clients for status in client.result()]

    records = own.end()
    assert "stopped" in events(records)
    requests = [json.loads(line) for line in records.splitlines() if '"/v1/answers"' in line]
    assert set(statuses) <= {200, 503}
    assert statuses.count(200) == [record["status"] for record in requests].count(200) >= 6  # each answer arrived


def _head(service: Running) -> bytes:
    lines = [
        "POST /v1/answers HTTP/1.1",
        "Host: localhost",
        f"Authorization: {service.token(Role.CLIENT)}",
        "Content-Type: application/json",
        f"Content-Length: {len(BODY)}",
    ]
    return "\r\n".join([*lines, "", ""]).encode()


def _active(service: Running) -> int:
    lines = service.request("GET", "/metrics").text.splitlines()
    return int(float(next(line.split()[1] for line in lines if line.startswith("agent_active_requests "))))


def _listens(service: Running) -> bool:
    try:
        service.request("GET", "/health/live")
    except OSError:
        return False
    return True
