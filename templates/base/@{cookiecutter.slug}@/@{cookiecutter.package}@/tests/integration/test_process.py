"""The service as a process of its own: start, work, SIGTERM."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from ... import AGENT, ENV_PREFIX
from ...config.settings import PROJECT
from ...models.identity import Role
from ...services.container import token_service
from ..fixtures.collector import collecting
from ..fixtures.service import DATA_KEY, KEY, make_settings

PATIENCE = 60.0  # seconds; a guard against hanging, not a measure
BODY = json.dumps({"question": "What is an agent?"}).encode()


@dataclass
class Running:
    """A service process."""

    process: "subprocess.Popen[str]"
    port: int
    state_dir: Path

    def get(self, path: str) -> int | None:
        """Return the status, or nothing when nobody answers."""
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)) as connection:
                connection.request("GET", path)
                return connection.getresponse().status
        except OSError:
            return None

    def request_head(self, *more: str) -> bytes:
        """Return the head of a request to the main route."""
        token = token_service(make_settings(self.state_dir)).issue("somebody", [Role.CLIENT])
        lines = [
            "POST /v1/answers HTTP/1.1",
            "Host: localhost",
            f"Authorization: Bearer {token}",
            "Content-Type: application/json",
            f"Content-Length: {len(BODY)}",
            *more,
        ]
        return "\r\n".join([*lines, "", ""]).encode()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def start(state_dir: Path, **environment: str) -> Running:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", f"{AGENT}.main:app", "--host", "127.0.0.1", "--port", str(port)],
        env=os.environ
        | {f"{ENV_PREFIX}STATE_DIR": str(state_dir), "PYTHONPATH": str(PROJECT)}
        | {f"{ENV_PREFIX}JWT_SECRET": KEY, f"{ENV_PREFIX}ENCRYPTION_KEYS": DATA_KEY}
        | {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}  # the collector runs here, whatever proxy the machine has
        | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return Running(process, port, state_dir)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Running]:
    running = start(tmp_path, **{f"{ENV_PREFIX}ENVIRONMENT": "production"})
    try:
        wait_until(lambda: running.get("/health/ready") == 200, running.process)
        yield running
    finally:
        running.process.kill()
        running.process.communicate()


def wait_until(condition: Callable[[], bool], process: "subprocess.Popen[str]") -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if process.poll() is not None:
            pytest.fail(f"the service ended: {process.communicate()[0]}")
        if time.monotonic() > deadline:
            pytest.fail("waited too long")
        time.sleep(0.02)


def test_sigterm_finishes_what_runs_and_takes_on_nothing_new(service: Running) -> None:
    with closing(socket.create_connection(("127.0.0.1", service.port), timeout=PATIENCE)) as connection:
        connection.sendall(service.request_head() + BODY[:5])  # the service waits for the rest
        wait_until(lambda: _active(service) == 2, service.process)  # this request and the one that asks
        service.process.send_signal(signal.SIGTERM)
        wait_until(lambda: service.get("/health/live") is None, service.process)
        assert service.process.poll() is None
        connection.sendall(BODY[5:])
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        assert answer.status == 200
        assert json.loads(answer.read())["output"]["answer_source"] == "model"
    output, _ = service.process.communicate(timeout=PATIENCE)
    assert service.process.returncode in {0, -signal.SIGTERM}
    events = [json.loads(line)["event"] for line in output.splitlines()]
    assert events.index("draining") < events.index("stopped")


def _active(service: Running) -> int:
    with closing(http.client.HTTPConnection("127.0.0.1", service.port, timeout=PATIENCE)) as connection:
        connection.request("GET", "/metrics")
        lines = connection.getresponse().read().decode().splitlines()
    return int(float(next(line.split()[1] for line in lines if line.startswith("agent_active_requests "))))


def test_every_record_is_json(service: Running) -> None:
    service.get("/health/live")
    service.process.send_signal(signal.SIGINT)
    output, _ = service.process.communicate(timeout=PATIENCE)
    records = [json.loads(line) for line in output.splitlines()]
    assert records
    assert all(record.keys() >= {"event", "level", "timestamp", "service"} for record in records)
    requests = [record for record in records if record["event"] == "request"]
    assert requests
    assert all(record["correlation_id"] for record in requests)


def test_spans_reach_the_collector_and_records_name_the_trace(tmp_path: Path) -> None:
    trace_id = "0af7651916cd43dd8448eb211c80319c"
    with collecting() as collector:
        running = start(tmp_path, **{f"{ENV_PREFIX}OTLP_ENDPOINT": collector.endpoint, f"{ENV_PREFIX}DEBUG": "false"})
        try:
            wait_until(lambda: running.get("/health/ready") == 200, running.process)
            with closing(socket.create_connection(("127.0.0.1", running.port), timeout=PATIENCE)) as connection:
                head = running.request_head(f"traceparent: 00-{trace_id}-b7ad6b7169203331-01")
                connection.sendall(head + BODY)
                answer = http.client.HTTPResponse(connection)
                answer.begin()
                assert answer.status == 200
            running.process.send_signal(signal.SIGTERM)
            output, _ = running.process.communicate(timeout=PATIENCE)
        finally:
            running.process.kill()
            running.process.communicate()
    sent = b"".join(body for path, body in collector.received if path == "/v1/traces")
    assert bytes.fromhex(trace_id) in sent
    assert b"model.complete" in sent
    requests = [json.loads(line) for line in output.splitlines() if '"/v1/answers"' in line]
    assert [record["trace_id"] for record in requests] == [trace_id]


def test_a_wrong_setting_ends_the_start_with_one_clear_line(tmp_path: Path) -> None:
    running = start(tmp_path, **{f"{ENV_PREFIX}ENVIRONMENT": "holiday"})
    output, _ = running.process.communicate(timeout=PATIENCE)
    assert running.process.returncode not in {0, None}
    assert f"configuration error: {ENV_PREFIX}ENVIRONMENT" in output
    assert "Traceback" not in output
