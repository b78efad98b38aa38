"""The service kind in earnest: as processes that are called, killed and stopped, on its own and on Redis and PostgreSQL."""

from __future__ import annotations

import base64
import json
import os
import signal
import socket
import struct
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager

import pytest

from tests.templates.replicas import PACKAGE, PREFIX, clean, replica
from tests.templates.servers import PATIENCE, postgresql, redis_server, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.index, pytest.mark.timeout(900)]

OWN = f"AGENTS__{PREFIX}_"
QUICK = {f"{OWN}MESSAGE_LEASE": "2", f"{OWN}TASK_TIMEOUT": "20"}


@pytest.fixture(scope="module")
def project(installed):
    return installed("service")


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory):
    with redis_server(tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture(scope="module")
def postgres_url(tmp_path_factory):
    with postgresql(tmp_path_factory.mktemp("postgres")) as url:
        yield url


@contextmanager
def watching(running, path, role="client"):
    """Open a WebSocket, and yield a function that returns the next message, or the code that it was closed with."""
    head = [
        f"GET {path} HTTP/1.1",
        "Host: localhost",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
        "Sec-WebSocket-Version: 13",
        f"Authorization: Bearer {running.token(role)}",
    ]
    with closing(socket.create_connection(("127.0.0.1", running.port), timeout=PATIENCE)) as connection:
        connection.sendall("\r\n".join([*head, "", ""]).encode())
        stream = connection.makefile("rb")
        status = stream.readline().decode()
        assert " 101 " in status, status
        while stream.readline().strip():
            pass

        def following():
            while True:
                first, length = stream.read(2)
                if length == 126:
                    (length,) = struct.unpack(">H", stream.read(2))
                content = stream.read(length)
                if first & 15 == 8:
                    return struct.unpack(">H", content[:2])[0]
                if first & 15 == 1:
                    return json.loads(content)

        yield following


def ended(running, task_ids):
    """Wait until the tasks have ended, and return how."""
    found = {}

    def all_ended():
        for task_id in set(task_ids) - set(found):
            status, task = running.call("GET", f"/v1/tasks/{task_id}")
            assert status == 200, task
            if task["status"] in {"succeeded", "failed"}:
                found[task_id] = task["status"]
        return len(found) == len(set(task_ids))

    wait_until(all_ended, within=4 * PATIENCE)
    return set(found.values())


def submit(running, number):
    status, task = running.call(
        "POST", "/v1/tasks", {"question": f"What is {number}?"}, **{"Idempotency-Key": f"order-{number}"}
    )
    assert status in {200, 202}, task
    return task["id"]


class Load:
    """Clients that ask and submit, each on connections of its own, until nobody listens any more."""

    def __init__(self, running, clients):
        self.running = running
        self.statuses = []
        self.accepted = []
        self.broken = []
        self.some = threading.Event()
        self.pool = ThreadPoolExecutor(clients)
        self.working = [self.pool.submit(self.work, client) for client in range(clients)]

    def work(self, client):
        for number in range(100_000):
            path = "/v1/tasks" if number % 5 == 4 else "/v1/answers"
            try:
                status, body = self.running.call("POST", path, {"question": f"What is {client}, {number}?"})
            except ConnectionRefusedError:
                return
            except OSError as error:
                # taken by the listening socket, but never by the service: closed before anything was read
                self.broken.append(error)
                return
            self.statuses.append(status)
            if status == 202:
                self.accepted.append(body["id"])
                self.some.set()

    def finished(self):
        for one in self.working:
            one.result(PATIENCE)
        self.pool.shutdown()


def test_sigterm_under_load_loses_no_request_and_no_task(project, tmp_path):
    with replica(project, tmp_path / "state") as running:
        load = Load(running, 6)
        assert load.some.wait(PATIENCE)
        with watching(running, f"/v1/tasks/{submit(running, 0)}/status") as following:
            while isinstance(following(), dict):
                pass  # to its end
        assert running.call(
            "PUT", "/v1/agents/one", {"name": "one", "version": "1.0.0", "capabilities": ["a"]}, "agent"
        )
        with watching(running, "/v1/agents/one/status") as following:
            assert following()["type"] == "snapshot"
            time.sleep(1)
            records = running.stop()
            code = following()
        load.finished()
    assert code == 1012
    assert running.process.returncode in {0, -signal.SIGTERM}
    assert "stopped" in {record["event"] for record in records}
    assert set(load.statuses) <= {200, 202, 503}
    assert len(load.broken) <= 6  # at most the request that each client was about to send
    answered = [record["status"] for record in records if record["event"] == "request"]
    for path_status in (200, 202):
        sent = load.statuses.count(path_status)
        assert answered.count(path_status) >= sent > 0
    with replica(project, tmp_path / "state") as again:
        assert ended(again, load.accepted) == {"succeeded"}


@pytest.mark.redis
@pytest.mark.postgres
def test_replicas_share_tasks_events_and_the_registry(project, tmp_path, redis_url, postgres_url):
    shared = {"CACHE__LEVELS": '["memory", "redis"]', "CACHE__LIMITS": "redis", "CACHE__URL": redis_url}
    shared |= {"STORE__URL": postgres_url, "STORE__TLS": "disable", **QUICK}
    with (
        replica(project, tmp_path / "one", **shared) as one,
        replica(project, tmp_path / "two", **shared) as two,
    ):
        peer = {"name": "peer", "version": "1.0.0", "capabilities": ["peer.work"]}
        assert one.call("PUT", "/v1/agents/peer", peer, "agent")[0] == 201
        assert two.call("GET", "/v1/agents?capability=peer.work")[1]["items"][0]["id"] == "peer"
        with watching(two, "/v1/agents/peer/status") as following:
            assert following()["data"]["status"] == "active"
            assert one.call("POST", "/v1/agents/peer/heartbeat", {"status": "draining"}, "agent")[0] == 200
            assert following()["data"]["new_status"] == "draining"

        with ThreadPoolExecutor(8) as pool:
            tasks = list(pool.map(lambda number: submit((one, two)[number % 2], number // 2), range(80)))
        assert len(set(tasks)) == 40  # each key twice, once at each replica
        assert ended(two, tasks) == {"succeeded"}
        assert one.metric("agent_messages_total", queue="tasks", outcome="done") > 0
        assert two.metric("agent_messages_total", queue="tasks", outcome="done") > 0
        wait_until(lambda: one.metric("agent_messaging_up") == 1)

        status, gathered = one.call("POST", "/v1/gather", {"question": "Why?", "capability": "answer.text"})
        assert (status, gathered["complete"], len(gathered["replies"])) == (200, True, 2)  # both replicas answer


@pytest.mark.redis
@pytest.mark.postgres
def test_what_a_killed_replica_held_is_done_by_another(project, tmp_path, redis_url, postgres_url):
    shared = {f"{OWN}MESSAGING_URL": redis_url.replace("/0", "/1"), "STORE__URL": postgres_url}
    shared |= {"STORE__TLS": "disable", **QUICK}
    with (
        replica(project, tmp_path / "one", **shared) as one,
        replica(project, tmp_path / "two", **shared) as two,
    ):
        stopping = threading.Timer(0.7, one.process.kill)
        stopping.start()
        tasks = []
        for number in range(1_000_000):
            try:
                tasks.append(submit(one, f"killed-{number}"))
            except OSError:
                break
        assert len(tasks) > 5
        assert ended(two, tasks) == {"succeeded"}


@pytest.mark.redis
def test_tasks_are_kept_while_redis_is_away_and_streams_go_on(project, tmp_path):
    (tmp_path / "redis").mkdir()
    server = ExitStack()
    url = server.enter_context(redis_server(tmp_path / "redis"))
    with server, replica(project, tmp_path / "state", **{f"{OWN}MESSAGING_URL": url}) as running:
        assert ended(running, [submit(running, 1)]) == {"succeeded"}
        server.close()
        wait_until(lambda: running.metric("agent_messaging_up") == 0)
        kept = submit(running, 2)
        assert running.call("GET", "/health/ready")[0] == 200
        assert running.call("POST", "/v1/answers", {"question": "Why?"})[0] == 200
        assert running.call("GET", f"/v1/tasks/{kept}")[1]["status"] == "queued"
        records = running.stop()
    assert "task_not_sent" in {record["event"] for record in records}
    assert "stopped" in {record["event"] for record in records}


@pytest.mark.matrix
@pytest.mark.redis
@pytest.mark.postgres
def test_its_own_tests_hold_on_redis_and_postgresql(project, redis_url, postgres_url):
    tests = project / PACKAGE / "tests"
    named = ["unit/test_queues.py", "unit/test_redis_bus.py", "unit/test_schema.py", "integration/test_tasks.py"]
    named += ["integration/test_registry.py", "integration/test_status_streams.py"]
    variables = {f"{PREFIX}TEST_REDIS_URL": redis_url.replace("/0", "/2"), f"{PREFIX}TEST_STORE_URL": postgres_url}
    command = [project / ".venv/bin/python", "-m", "pytest", "-q", *(tests / name for name in named)]
    done = subprocess.run(
        command, cwd=project, env=clean() | variables, capture_output=True, text=True, check=False, timeout=600
    )
    assert done.returncode == 0, done.stdout + done.stderr
