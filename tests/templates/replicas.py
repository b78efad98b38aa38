"""Processes of a made project: set up once, run as replicas, called, watched by what they count, stopped and killed."""

from __future__ import annotations

import base64
import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.templates.servers import PATIENCE, free_port, wait_until

NAME, PACKAGE, PREFIX = "invoice-helper", "invoice_helper", "INVOICE_HELPER_"
"""What a project that is set up is called, as its package, and in its variables."""
KEY = "a-key-for-tests-of-at-least-32-bytes"
DATA_KEY = base64.urlsafe_b64encode(b"k" * 32).decode()


def clean() -> dict[str, str]:
    """Return the environment without what measures us."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("COV_", "COVERAGE_"))}


def set_up(project: Path) -> Path:
    """Run a project's ``make setup``, and return where it stands."""
    command = [shutil.which("make") or "make", "setup", f"PYTHON={sys.executable}"]
    done = subprocess.run(command, cwd=project, env=clean(), capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    return project


@dataclass
class Replica:
    """A process of the service."""

    process: subprocess.Popen[bytes]
    project: Path
    port: int
    records: Path
    environment: dict[str, str]
    tokens: dict[str, str] = field(default_factory=dict)

    def token(self, role: str) -> str:
        """Return a token of that role."""
        if role not in self.tokens:
            command = [self.project / ".venv/bin/python", "-m", f"{PACKAGE}.utils.load_identities", role, "1"]
            done = subprocess.run(
                command, cwd=self.project, env=self.environment, capture_output=True, text=True, check=True
            )
            self.tokens[role] = done.stdout.strip()
        return self.tokens[role]

    def call(self, method: str, path: str, body: object = None, role: str = "client", **headers: str) -> Any:
        """Return the status and the body of one answer; ConnectionError when the request was not taken."""
        given = {"Authorization": f"Bearer {self.token(role)}", "Content-Type": "application/json", **headers}
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)) as connection:
            connection.request(method, path, None if body is None else json.dumps(body), given)
            answer = connection.getresponse()
            text = answer.read().decode()
        return answer.status, json.loads(text) if text.startswith(("{", "[")) else text

    def ready(self) -> bool:
        """Tell whether it takes work."""
        assert self.process.poll() is None, self.records.read_text()
        try:
            return bool(self.call("GET", "/health/ready")[0] == 200)
        except OSError:
            return False

    def told(self) -> list[dict[str, Any]]:
        """Return its records."""
        return [json.loads(line) for line in self.records.read_text().splitlines() if line.startswith("{")]

    def stop(self, number: signal.Signals = signal.SIGTERM) -> list[dict[str, Any]]:
        """Send it a signal, wait for its end, and return its records."""
        self.process.send_signal(number)
        self.process.wait(PATIENCE)
        return self.told()

    def metric(self, name: str, **labels: str) -> float:
        """Return the sum of a metric's samples that have these labels."""
        wanted = [f'{label}="{value}"' for label, value in labels.items()]
        lines = self.call("GET", "/metrics")[1].splitlines()
        found = [line for line in lines if line.startswith((f"{name}{{", f"{name} "))]
        return sum(float(line.rpartition(" ")[2]) for line in found if all(part in line for part in wanted))


@contextmanager
def replica(project: Path, state: Path, **settings: str) -> Iterator[Replica]:
    """Run a process, ready for work, until it is stopped or the context ends."""
    state.mkdir(exist_ok=True)
    given = {"ENVIRONMENT": "load", "STATE_DIR": str(state), "JWT_SECRET": KEY, "ENCRYPTION_KEYS": DATA_KEY}
    given |= {"STORE__MIGRATE_AT_START": "true", **settings}
    environment = clean() | {f"{PREFIX}{name}": value for name, value in given.items()} | {"MODEL_API_KEY": "none"}
    port, records = free_port(), state / f"records-{time.monotonic_ns()}.log"
    command = [project / ".venv/bin/python", "-m", "uvicorn", f"{PACKAGE}.main:app", "--port", str(port)]
    with records.open("w") as output:
        process = subprocess.Popen(command, cwd=project, env=environment, stdout=output, stderr=subprocess.STDOUT)
    try:
        running = Replica(process, project, port, records, environment)
        wait_until(running.ready)
        yield running
    finally:
        process.kill()
        process.wait(PATIENCE)
