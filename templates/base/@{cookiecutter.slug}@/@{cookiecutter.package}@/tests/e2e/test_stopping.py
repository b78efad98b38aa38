"""Stopping: what was taken on is finished and answered, nothing else is taken on, and spans that wait are sent."""

import http.client
import json
import signal
import socket
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from threading import Event

import pytest

from ... import SERVICE
from ...models.identity import Role
from ..fixtures.collector import Span, collecting
from ..fixtures.faulty import faulty, silence
from ..fixtures.process import PATIENCE, Running, serving, wait_until

CLIENTS = 4
TRACE_ID = "0af7651916cd43dd8448eb211c80319c"
CALLER = "b7ad6b7169203331"
BODY = json.dumps({"question": "What is an agent?"}).encode()


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Running]:
    """A process that the test may stop, and whose collector of spans says nothing."""
    with faulty(silence) as collector, serving(tmp_path, OTLP_ENDPOINT=f"{collector.address}/v1/traces") as running:
        yield running


@dataclass(frozen=True, kw_only=True)
class Stopped:
    """What is left of a process that was told to stop while it worked."""

    asked: int
    finished: int
    degraded: bool
    code: int
    records: str
    spans: Sequence[Span]


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Stopped:
    """Ask a process; tell it to stop when it has half of another question; send the rest."""
    folder = tmp_path_factory.mktemp("stopped")
    with collecting() as collector, serving(folder, OTLP_ENDPOINT=collector.endpoint) as service:
        trace = {"traceparent": f"00-{TRACE_ID}-{CALLER}-01"}
        token = service.token(Role.CLIENT)
        asked = service.request("POST", "/v1/answers", {"question": "Why?"}, Authorization=token, **trace)
        with closing(socket.create_connection(("127.0.0.1", service.port), timeout=PATIENCE)) as connection:
            connection.sendall(_head(service) + BODY[:5])  # the service waits for the rest
            wait_until(lambda: _active(service) == 2, service.process)  # this request and the one that asks
            service.process.send_signal(signal.SIGTERM)
            wait_until(lambda: not _listens(service), service.process)
            assert service.process.poll() is None
            connection.sendall(BODY[5:])
            answer = http.client.HTTPResponse(connection)
            answer.begin()
            degraded = json.loads(answer.read())["degraded"]
        records = service.end()
    return Stopped(
        asked=asked.status,
        finished=answer.status,
        degraded=degraded,
        code=service.process.returncode,
        records=records,
        spans=collector.spans,
    )


def events(records: str) -> list[str]:
    """Return the events of its records, each of which is a line of JSON with what every record has."""
    parsed = [json.loads(line) for line in records.splitlines()]
    assert all(record.keys() >= {"event", "level", "timestamp", "service"} for record in parsed)
    assert all(record["correlation_id"] for record in parsed if record["event"] == "request")
    return [record["event"] for record in parsed]


def test_sigterm_finishes_what_runs_and_takes_on_nothing_new(stopped: Stopped) -> None:
    assert (stopped.finished, stopped.degraded) == (200, False)
    assert stopped.code in {0, -signal.SIGTERM}
    happened = events(stopped.records)
    assert happened.index("draining") < happened.index("stopped")


def test_spans_reach_the_collector_and_records_name_the_trace(stopped: Stopped) -> None:
    assert stopped.asked == 200
    spans = {span.id: span for span in stopped.spans if span.trace == TRACE_ID}
    assert {span.resource["service.name"] for span in spans.values()} == {SERVICE}
    (whole,) = (span for span in spans.values() if span.parent == CALLER)
    assert whole.attributes["http.route"] == "/v1/answers"
    assert all(span.parent in spans for span in spans.values() if span is not whole)  # it hangs together
    models = [span for span in spans.values() if span.name == "model.complete"]
    assert any("tenant" in span.attributes for span in spans.values())
    assert "Why?" not in str(spans)  # spans hold no content
    assert {_way_up(model, spans)[-1].id for model in models} == {whole.id}
    requests = [json.loads(line) for line in stopped.records.splitlines() if '"/v1/answers"' in line]
    assert [record["trace_id"] == TRACE_ID for record in requests] == [True, False]


def _way_up(span: Span, spans: Mapping[str, Span]) -> list[Span]:
    """Return a span, the one that it is a part of, and so on."""
    way = [span]
    while (above := spans.get(way[-1].parent)) is not None:
        way.append(above)
    return way


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
