"""Servers of a test's own: Redis and PostgreSQL on free ports of this machine, gone when the test is over."""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

PATIENCE = 60.0
"""Seconds; a guard against hanging, not a measure."""


def free_port() -> int:
    """Return a port that nobody listens on."""
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def wait_until(condition: Callable[[], bool], *, within: float = PATIENCE) -> None:
    """Wait for something that is about to be."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.05)


def listens(port: int) -> bool:
    """Tell whether somebody takes connections there."""
    with closing(socket.socket()) as connection:
        return connection.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def redis_server(folder: Path, *options: str) -> Iterator[str]:
    """Run Redis without a disk, and yield its URL."""
    port = free_port()
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder), *options]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            wait_until(lambda: listens(port))
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            server.terminate()


@contextmanager
def postgresql(folder: Path, *options: str, port: int | None = None) -> Iterator[str]:
    """Run a cluster of its own, and yield the URL of its database; root runs it as ``nobody``.

    A folder that has a cluster already is run again.
    """
    data, port = home(folder) / "data", port or free_port()
    user = _user()
    tool = Path(_postgres("initdb")).parent
    if not data.exists():
        data.mkdir(mode=0o700)
        if user:
            shutil.chown(data, user)
        setup = [tool / "initdb", "-D", data, "-U", "agent", "--auth=trust", "--no-sync", "-E", "UTF8"]
        subprocess.run(setup, check=True, capture_output=True, user=user, cwd="/", timeout=PATIENCE)
    places = ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off"]
    command = [tool / "postgres", "-D", data, "-p", str(port), *places, *options]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, user=user, cwd="/") as server:
        try:
            wait_until(lambda: _answers(tool, port))
            yield f"postgresql://agent@127.0.0.1:{port}/postgres"
        finally:
            server.send_signal(signal.SIGINT)  # SIGTERM would wait for its clients to go


def _postgres(program: str) -> str:
    """Return where a program of the newest PostgreSQL lies: Debian keeps them out of the path."""
    found = sorted(map(str, Path("/usr/lib/postgresql").glob(f"*/bin/{program}"))) or [shutil.which(program) or ""]
    assert found[-1], f"{program} is not installed"
    return found[-1]


def _answers(tool: Path, port: int) -> bool:
    check = [tool / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]
    return subprocess.run(check, check=False, timeout=PATIENCE).returncode == 0


def home(folder: Path) -> Path:
    """Return where the cluster of a folder lies: apart from pytest's folders, which are closed to other users."""
    link = folder / "home"
    if not link.exists():
        made = tempfile.mkdtemp(prefix="postgresql-")
        atexit.register(shutil.rmtree, made, ignore_errors=True)
        Path(made).chmod(0o755)
        link.symlink_to(made)
    return link.resolve()


def _user() -> str | None:
    """Return who runs PostgreSQL, which refuses to run as root."""
    return "nobody" if os.geteuid() == 0 else None
