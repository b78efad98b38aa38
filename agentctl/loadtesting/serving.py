"""Start the project's own server, wait until it is ready, watch what it uses, and stop it whatever happens."""

from __future__ import annotations

import http.client
import os
import shlex
import signal
import socket
import subprocess
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from agentctl import process, project
from agentctl.errors import NoAnswerError, UsageError
from agentctl.loadtesting.metering import Meter, Usage
from agentctl.loadtesting.settings import Settings
from agentctl.project import Project

HOST = "127.0.0.1"
READY_BOUND = 60.0
TOKENS_BOUND = 60.0
POLL = 0.1
KEPT_LINES = 15
_LINE = 8192
_READ_PIECE = 2.0


class NotReadyError(Exception):
    """The server died or never got ready.

    Args:
        message: What happened.
        lines: The last that it said.
    """

    def __init__(self, message: str, lines: tuple[str, ...]) -> None:
        super().__init__(message)
        self.message, self.lines = message, lines


@dataclass(kw_only=True)
class Server:
    """A running server."""

    child: subprocess.Popen[bytes]
    port: int
    _said: deque[str]
    _meter: Meter | None = None

    def alive(self) -> bool:
        """Return whether its first process still runs."""
        return self.child.poll() is None

    def last_lines(self) -> tuple[str, ...]:
        """Return the last that it said."""
        return tuple(self._said)

    def ending(self) -> str:
        """Return how it ended, in words."""
        code = self.child.poll()
        if code is None:
            return "still runs"
        return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"

    def usage(self) -> Usage | None:
        """Return what it and its children use now, or None when it has gone."""
        if self._meter is None:
            self._meter = Meter(self.child.pid)
        return self._meter.read()


@contextmanager
def served(project_: Project, settings: Settings, python: Path | None) -> Iterator[Server]:
    """Start the server on a free port and yield it once it is ready; stop it and its children on the way out.

    Raises:
        UsageError: The settings have no command, or one that cannot be used.
        NoAnswerError: It cannot be started.
        NotReadyError: It died or was not ready in time.
    """
    port = _free_port()
    argv = _command(settings, "serve", python, project_, port=port)
    environment = {"PYTHONUNBUFFERED": "1", **_environment(settings)}
    said, sink = _listener()
    with (
        sink,
        process.started_child(argv, cwd=project_.root, env=environment, stdout=sink, stderr=subprocess.STDOUT) as child,
    ):
        sink.close()
        server = Server(child=child, port=port, _said=said)
        _await(server, settings.ready)
        yield server


def tokens(project_: Project, settings: Settings, python: Path | None) -> tuple[str, ...]:
    """Run the command that prints one identity's token per line, in the server's environment.

    Raises:
        UsageError: The settings have no such command.
        NoAnswerError: It failed or printed none. What it printed is never repeated.
    """
    if settings.tokens is None:
        raise UsageError(
            "a request carries {token}, but no command prints tokens",
            hint=f'add tokens = "{{python}} -m …" to {settings.source}; it prints one token per line',
        )
    argv = _command(settings, "tokens", python, project_)
    done = process.run(argv, cwd=project_.root, env=_environment(settings), timeout=TOKENS_BOUND)
    if not done.ok:
        how = "took too long" if done.timed_out else f"ended with exit code {done.returncode}"
        last = next((line for line in reversed(done.stderr.splitlines()) if line.strip()), "")
        raise NoAnswerError(f"the tokens command {how}: {last.strip()}".rstrip(": "), hint=f"run it: {settings.tokens}")
    found = tuple(line.strip() for line in done.stdout.splitlines() if line.strip())
    if not found:
        raise NoAnswerError("the tokens command printed no token", hint=f"run it: {settings.tokens}")
    if not all(token.isascii() and token.isprintable() and " " not in token for token in found):
        raise NoAnswerError("the tokens command printed a line that is no token", hint="one token per line, no more")
    return found


def _command(
    settings: Settings, key: str, python: Path | None, project_: Project, *, port: int | None = None
) -> list[str]:
    line: str = getattr(settings, key) or ""
    if not line:
        raise UsageError(
            f"--serve: {settings.source} has no serve command",
            hint='add serve = "{python} -m uvicorn my_agent.main:app --port {port}", or use --host',
        )
    try:
        parts = shlex.split(line)
    except ValueError as error:
        raise UsageError(f"{settings.source} {key}: {error}: {line}") from error
    if port is not None and "{port}" not in line:
        raise UsageError(f"{settings.source} {key}: has no {{port}}", hint="agentctl picks a free port for each run")
    values = {"{port}": str(port)}
    if "{python}" in line:
        values["{python}"] = str(_python(project_, python))
    return [_filled(part, values) for part in parts]


def _python(project_: Project, wanted: Path | None) -> Path:
    found = project.interpreter(project_, wanted)
    if found is None:
        raise NoAnswerError(
            f"{project_.root}: no Python environment of the project was found",
            hint="create it (make setup, or python -m venv .venv and install the project), or give --python PATH",
        )
    return found


def _filled(text: str, values: Mapping[str, str]) -> str:
    for mark, value in values.items():
        text = text.replace(mark, value)
    return text


def _environment(settings: Settings) -> dict[str, str]:
    return {**os.environ, **settings.environment}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _listener() -> tuple[deque[str], IO[bytes]]:
    """Return what keeps the last lines of what is written to a pipe, and the pipe.

    Nobody waits for the pipe's end: a daemon that the server left behind may hold it open.
    """
    said: deque[str] = deque(maxlen=KEPT_LINES)
    source, sink = os.pipe()

    def pump() -> None:
        with os.fdopen(source, "rb") as stream:
            while raw := stream.readline(_LINE):
                said.append(raw.decode("utf-8", "replace").rstrip())

    threading.Thread(target=pump, daemon=True).start()
    return said, os.fdopen(sink, "wb")


def _await(server: Server, ready: str | None) -> None:
    """Wait for a 2xx from the readiness route; without one, for any answer that is no server error."""
    path, below = (ready, 300) if ready else ("/", 500)
    deadline = time.monotonic() + READY_BOUND
    seen = "nothing listened"
    while time.monotonic() < deadline:
        if not server.alive():
            time.sleep(POLL)  # its last words are still on their way
            raise NotReadyError(f"the server {server.ending()} before it was ready", server.last_lines())
        answer = _status(server.port, path)
        if isinstance(answer, int) and 200 <= answer < below:  # noqa: PLR2004 - RFC 9110, section 15.3
            return
        seen = f"GET {path} answered {answer}" if isinstance(answer, int) else answer or seen
        time.sleep(POLL)
    raise NotReadyError(f"the server was not ready within {READY_BOUND:.0f} s: {seen}", server.last_lines())


def _status(port: int, path: str) -> int | str:
    """Return the status of one GET, or what came instead."""
    link = http.client.HTTPConnection(HOST, port, timeout=_READ_PIECE)
    try:
        link.request("GET", path)
        return link.getresponse().status
    except TimeoutError:
        return f"GET {path} got no answer within {_READ_PIECE:.0f} s"
    except (OSError, http.client.HTTPException) as error:
        return "nothing listened" if isinstance(error, ConnectionRefusedError) else f"GET {path}: {error}"
    finally:
        link.close()
