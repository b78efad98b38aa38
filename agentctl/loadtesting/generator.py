"""The load generator: ``python -m agentctl.loadtesting.generator JOB``, the only importer of locust.

Reads a job (JSON), drives the target with locust users, and writes a line of JSON to standard output for each second
and one at the end. It judges nothing: gates and exit codes are its parent's.
"""

# mypy: disable-error-code="no-untyped-call"
# (gevent, geventhttpclient and locust ship no complete types)

from __future__ import annotations

import locust  # first: importing it patches the standard library for gevent

# isort: split
import contextlib
import errno
import json
import resource
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

import gevent
from gevent.timeout import Timeout
from geventhttpclient.response import HTTPParseError
from locust.env import Environment
from locust.exception import StopUser

from agentctl.loadtesting import connection, rendering
from agentctl.loadtesting.arrivals import Arrivals
from agentctl.loadtesting.connection import Connection
from agentctl.loadtesting.histogram import Histogram
from agentctl.loadtesting.measurement import Measurement, Sample, Tally, succeeded
from agentctl.loadtesting.rendering import Request
from agentctl.loadtesting.schedule import ConstantRate, interleaved

TICK = 1.0
SPARE_FILES = 64
# These say that this machine has run out of something, not that the target has failed.
_OURS = frozenset({errno.EMFILE, errno.ENFILE, errno.EADDRNOTAVAIL, errno.ENOBUFS, errno.ENOMEM})


class Drive:
    """One run: what its users share.

    Args:
        job: ``scheme``, ``host``, ``port``, ``prefix``, ``authority``, ``requests``, ``rate``, ``total``, ``timeout``,
            ``max_in_flight`` and ``tokens``, as ``driver.py`` writes them.
    """

    def __init__(self, job: Mapping[str, Any]) -> None:
        requests = [Request(**values) for values in job["requests"]]
        self.schedule = ConstantRate(job["rate"], job["total"])
        self.timeout: float = job["timeout"]
        self.tokens: list[str] = job["tokens"] or [""]
        self.tallies = {request.name: Tally() for request in requests}
        self.order = interleaved([request.weight for request in requests])
        self.kinds = [
            (request.method, rendering.renderer(request, job["authority"], job["prefix"]), self.tallies[request.name])
            for request in requests
        ]
        self.addresses = connection.resolve(job["host"], job["port"])
        self.server_name: str | None = job["host"] if job["scheme"] == "https" else None
        self.faults: dict[str, None] = {}
        self.stopped = False
        self.sent = 0
        self.window = Histogram()
        self.failed = 0
        self.last_end = 0.0
        self.environment = Environment(user_classes=[ArrivingUser], catch_exceptions=False)
        ArrivingUser.drive = self
        self.environment.events.user_error.add_listener(self._broken)
        self.runner = self.environment.create_local_runner()
        cap: int = job["max_in_flight"]
        self.allowed = max(1, _allowed_files() - SPARE_FILES)
        self.short = self.allowed < cap
        self.arrivals = Arrivals(self.schedule, min(cap, self.allowed), self._hire)

    def run(self) -> Measurement:
        """Send everything, wait for the answers, and return what came of it."""
        cpu, wall = time.process_time(), time.perf_counter()
        self.start = self.arrivals.begin()
        ticker = gevent.spawn(self._tick)
        self.runner.user_greenlets.join()
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        ticker.kill()
        if self.short and self.arrivals.filled:
            self.faults[f"this machine allows {self.allowed} connections at once; more were needed (ulimit -n)"] = None
        if len(self.window):
            self._emit_sample(time.perf_counter() - self.start)
        return Measurement(
            tallies=self.tallies,
            planned=self.schedule.total,
            sent=self.sent,
            elapsed=max(self.schedule.duration, self.last_end - self.start),
            late=self.arrivals.late,
            lag=self.arrivals.lag,
            filled=self.arrivals.filled,
            cpu=cpu,
            wall=wall,
            stopped=self.stopped,
            faults=tuple(self.faults),
        )

    def stop(self) -> None:
        """End the run now; what is under way is not counted."""
        self.stopped = True
        self.runner.user_greenlets.kill(block=False)

    def send(self, link: Connection, number: int, due: float) -> None:
        """Send one request and count what came of it."""
        method, render, tally = self.kinds[self.order[number % len(self.order)]]
        data = render(number + 1, self.tokens[number % len(self.tokens)])
        self.sent += 1
        sent = time.perf_counter()
        outcome = self._outcome(link, data, method)
        end = self.last_end = time.perf_counter()
        tally.record(outcome, end - due, end - sent)
        self.window.record(end - due)
        self.failed += isinstance(outcome, str) or not succeeded(outcome)

    def _outcome(self, link: Connection, data: bytes, method: str) -> int | str:
        limit = Timeout(self.timeout)
        limit.start()
        try:
            return link.exchange(data, method)
        except Timeout as error:
            if error is not limit:
                raise
            return f"no answer within {self.timeout:g} s"
        except (OSError, HTTPParseError) as error:
            if getattr(error, "errno", None) in _OURS:
                self._fault(f"this machine: {error}")
            return connection.problem(error)
        finally:
            limit.close()

    def _hire(self) -> None:
        ArrivingUser(self.environment).start(self.runner.user_greenlets)

    def _broken(self, exception: BaseException, **_rest: Any) -> None:
        self._fault(f"{type(exception).__name__}: {exception}")

    def _fault(self, words: str) -> None:
        self.faults[words] = None
        self.stop()

    def _tick(self) -> None:
        for second in self._seconds():
            self._emit_sample(second)

    def _seconds(self) -> Iterator[float]:
        at = 0.0
        while True:
            at += TICK
            gevent.sleep(max(0.0, self.start + at - time.perf_counter()))
            yield at

    def _emit_sample(self, at: float) -> None:
        window, failed = self.window, self.failed
        self.window, self.failed = Histogram(), 0
        sample = Sample(
            at=at, completed=len(window), failed=failed, in_flight=self.arrivals.in_flight, p95=window.percentile(95)
        )
        emit("sample", vars(sample))


class ArrivingUser(locust.User):
    """A locust user that takes requests as they are due; it holds one connection, as locust's own do."""

    drive: ClassVar[Drive]

    @locust.task
    def arrive(self) -> None:
        """Send until the schedule has ended."""
        drive = self.drive
        link = Connection(drive.addresses, drive.server_name)
        try:
            while (arrival := drive.arrivals.take()) is not None:
                drive.send(link, *arrival)
        finally:
            link.close()
        raise StopUser


def emit(kind: str, values: Mapping[str, Any]) -> None:
    """Write one line for the parent."""
    sys.stdout.write(json.dumps({"type": kind, **values}) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Run the job that the first argument names."""
    path = Path(sys.argv[1])
    job = json.loads(path.read_text(encoding="utf-8"))
    path.unlink()  # it holds the tokens
    try:
        drive = Drive(job)
    except OSError as error:
        sys.exit(f"{job['host']}: {error.strerror or error}")
    gevent.signal_handler(signal.SIGTERM, drive.stop)
    gevent.signal_handler(signal.SIGINT, drive.stop)
    emit("final", drive.run().to_json())


def _allowed_files() -> int:
    """Raise the limit of open files as far as it goes, and return it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        soft = hard
    return soft if soft != resource.RLIM_INFINITY else sys.maxsize


if __name__ == "__main__":
    main()
