"""Run the generator in a child process and follow what it says."""

from __future__ import annotations

import json
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from agentctl.loadtesting.measurement import Measurement, Sample
from agentctl.loadtesting.plan import Plan, Target
from agentctl.process import started_child

STARTUP = 60.0  # locust takes about a second to import; a busy machine may take many
DRAIN = 15.0
POLL = 0.2
KEPT_LINES = 20


@dataclass(frozen=True, kw_only=True)
class Drive:
    """What a run of the generator gave.

    Attributes:
        samples: One a second.
        measurement: Its last record, or None when it died without one.
        complaint: What it said before it died, or why it was stopped.
    """

    samples: tuple[Sample, ...]
    measurement: Measurement | None
    complaint: str = ""


def drive(
    plan: Plan,
    target: Target,
    tokens: tuple[str, ...],
    *,
    on_sample: Callable[[Sample], None],
    alive: Callable[[], bool],
) -> Drive:
    """Send the plan's requests to the target and return what was measured.

    Args:
        plan: What to send.
        target: Where to.
        tokens: The identities' tokens, used in turn.
        on_sample: Called each second.
        alive: Asked several times a second; once it says no, the run ends early.
    """
    command = [sys.executable, "-P", "-m", "agentctl.loadtesting.generator"]
    with tempfile.TemporaryDirectory(prefix="agentctl-") as folder:
        job = Path(folder) / "job.json"
        _write_private(job, _job(plan, target, tokens))
        with started_child([*command, job], cwd=Path(folder)) as child, _lines(child) as (lines, said):
            follower = _Follower(child, lines, on_sample, alive)
            follower.follow(STARTUP + plan.schedule.duration + plan.timeout + DRAIN)
            complaint = follower.complaint or _last(said, child)
            return Drive(samples=tuple(follower.samples), measurement=follower.measurement, complaint=complaint)


class _Follower:
    """Reads the generator's lines until its end, its bound, or the target's death."""

    def __init__(
        self,
        child: subprocess.Popen[bytes],
        lines: queue.Queue[bytes | None],
        on_sample: Callable[[Sample], None],
        alive: Callable[[], bool],
    ) -> None:
        self.samples: list[Sample] = []
        self.measurement: Measurement | None = None
        self.complaint = ""
        self._child, self._lines, self._on_sample, self._alive = child, lines, on_sample, alive
        self._told = False

    def follow(self, bound: float) -> None:
        deadline = time.monotonic() + bound
        while time.monotonic() < deadline:
            if not self._told and not self._alive():
                self._told = True
                deadline = min(deadline, time.monotonic() + DRAIN)
                self._child.send_signal(signal.SIGTERM)
            try:
                line = self._lines.get(timeout=POLL)
            except queue.Empty:
                continue
            if line is None:
                self._child.wait(DRAIN)
                return
            self._take(line)
        self.complaint = f"it did not end within {bound:.0f} s"

    def _take(self, line: bytes) -> None:
        try:
            values: dict[str, Any] = json.loads(line)
            kind = values.pop("type")
            if kind == "sample":
                sample = Sample(**values)
                self.samples.append(sample)
                self._on_sample(sample)
            elif kind == "final":
                self.measurement = Measurement.from_json(values)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            self.complaint = f"it wrote what is no record: {error}"


def _job(plan: Plan, target: Target, tokens: tuple[str, ...]) -> dict[str, Any]:
    return {
        "scheme": target.scheme,
        "host": target.host,
        "port": target.port,
        "prefix": target.prefix,
        "authority": target.authority,
        "requests": [asdict(request) for request in plan.requests],
        "rate": plan.schedule.rate,
        "total": plan.schedule.total,
        "timeout": plan.timeout,
        "max_in_flight": plan.max_in_flight,
        "tokens": list(tokens),
    }


def _write_private(path: Path, values: dict[str, Any]) -> None:
    """Write a file that nobody else can read: it holds tokens."""
    path.touch(mode=0o600)
    path.write_text(json.dumps(values), encoding="utf-8")


def _last(said: deque[str], child: subprocess.Popen[bytes]) -> str:
    code = child.poll()
    ended = f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"
    return next((line for line in reversed(said) if line.strip()), ended)


@contextmanager
def _lines(child: subprocess.Popen[bytes]) -> Iterator[tuple[queue.Queue[bytes | None], deque[str]]]:
    lines: queue.Queue[bytes | None] = queue.Queue()
    said: deque[str] = deque(maxlen=KEPT_LINES)
    readers = [
        threading.Thread(target=_pump, args=(child.stdout, lines.put, lambda: lines.put(None)), daemon=True),
        threading.Thread(
            target=_pump, args=(child.stderr, lambda raw: said.append(text_of(raw)), lambda: None), daemon=True
        ),
    ]
    for reader in readers:
        reader.start()
    yield lines, said


def _pump(stream: IO[bytes], take: Callable[[bytes], None], end: Callable[[], None]) -> None:
    try:
        for line in iter(stream.readline, b""):
            take(line)
    except (OSError, ValueError):  # closed under us, at the end
        pass
    finally:
        end()


def text_of(raw: bytes) -> str:
    """Decode a line of a child's output."""
    return raw.decode("utf-8", "replace").rstrip()
