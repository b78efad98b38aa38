"""Run child processes so that none outlives us and none runs without a bound."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from agentctl.errors import NoAnswerError

GRACE = 5.0
_DRAIN = 1.0  # seconds for what is left in the pipes after the group has ended
_POSIX = os.name == "posix"


@dataclass(frozen=True, kw_only=True)
class Completed:
    """What a child did.

    Attributes:
        returncode: As ``subprocess`` gives it; negative for a signal.
        stdout: Decoded as UTF-8, undecodable bytes replaced.
        stderr: The same.
        timed_out: The bound was reached and the child was stopped.
        duration: Seconds of wall time.
    """

    argv: tuple[str, ...]
    returncode: int
    stdout: str
    stderr: str
    timed_out: bool
    duration: float

    @property
    def ok(self) -> bool:
        """Return whether the child ended by itself with 0."""
        return self.returncode == 0 and not self.timed_out


def run(
    argv: Sequence[str | Path],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    timeout: float,
    on_line: Callable[[str], None] | None = None,
) -> Completed:
    """Run a program to its end or to its bound, and return what it did.

    Args:
        argv: The program and its arguments; never a shell line.
        cwd: The working folder.
        env: The whole environment of the child; ours when None.
        timeout: Seconds; at the bound the child's whole process group is stopped.
        on_line: Called with each line of standard output (without its end) as it comes, from another thread.

    Raises:
        NoAnswerError: The program cannot be started.
    """
    started = time.monotonic()
    with started_child(argv, cwd=cwd, env=env) as child:
        out, err = _Reader(child.stdout, on_line), _Reader(child.stderr, None)
        timed_out = not wait(child, timeout)
        stop(child)  # its own children too: one that lives on would hold the pipes open
        return Completed(
            argv=tuple(map(str, argv)),
            returncode=child.wait(),
            stdout=out.text(),
            stderr=err.text(),
            timed_out=timed_out,
            duration=time.monotonic() - started,
        )


@contextmanager
def started_child(
    argv: Sequence[str | Path],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    stdout: int | IO[bytes] = subprocess.PIPE,
    stderr: int | IO[bytes] = subprocess.PIPE,
    grace: float = GRACE,
    ask: signal.Signals = signal.SIGTERM,
) -> Iterator[subprocess.Popen[bytes]]:
    """Start a program in a process group of its own, and stop the whole group on the way out, whatever happens.

    Args:
        argv: The program and its arguments; never a shell line.
        cwd: The working folder.
        env: The whole environment of the child; ours when None.
        stdout: As ``subprocess`` takes it: a pipe unless told otherwise.
        stderr: The same.
        grace: Seconds that the group has to end by itself before it is killed.
        ask: The signal that asks it to; SIGINT for programs that clean up on Ctrl-C only.

    Raises:
        NoAnswerError: The program cannot be started.
    """
    try:
        child = subprocess.Popen(
            [str(part) for part in argv],
            cwd=cwd,
            env=dict(env) if env is not None else None,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            start_new_session=_POSIX,
        )
    except OSError as error:
        raise NoAnswerError(f"cannot start {argv[0]}: {error.strerror or error}") from error
    try:
        yield child
    finally:
        stop(child, grace=grace, ask=ask)
        for stream in (child.stdout, child.stderr):
            if stream is not None:
                with suppress(OSError, ValueError):
                    stream.close()


def stop(child: subprocess.Popen[bytes], *, grace: float = GRACE, ask: signal.Signals = signal.SIGTERM) -> None:
    """Ask the child's process group to end, and kill what is left of it after ``grace`` seconds.

    A second Ctrl-C while waiting kills at once.
    """
    try:
        if child.poll() is None:
            _signal(child, ask)
            wait(child, grace)
    finally:
        _signal(child, getattr(signal, "SIGKILL", signal.SIGTERM))
        child.wait()


def wait(child: subprocess.Popen[bytes], seconds: float | None = None) -> bool:
    """Wait until the child ends, at most ``seconds`` (None: without a bound); return whether it ended."""
    left = 0 if _slept_until_end(child, seconds) else seconds
    try:
        child.wait(left)
    except subprocess.TimeoutExpired:
        return False
    return True


def _slept_until_end(child: subprocess.Popen[bytes], seconds: float | None) -> bool:
    """Sleep until the kernel says that the child has ended (``Popen.wait`` polls); return False where it cannot."""
    if child.poll() is not None:
        return True
    try:
        descriptor = os.pidfd_open(child.pid)
    except (AttributeError, OSError):
        return False
    try:
        watch = select.poll()
        watch.register(descriptor, select.POLLIN)
        watch.poll(None if seconds is None else seconds * 1000)
    finally:
        os.close(descriptor)
    return True


def _signal(child: subprocess.Popen[bytes], number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        if _POSIX:
            os.killpg(child.pid, number)
        else:
            child.terminate()


class _Reader:
    """Drains a pipe in a thread, so that a child never blocks on a full one."""

    def __init__(self, stream: IO[bytes] | None, on_line: Callable[[str], None] | None) -> None:
        self._stream, self._on_line = stream, on_line
        self._lines: list[str] = []
        self._thread = threading.Thread(target=self._drain, daemon=True)
        self._thread.start()

    def _drain(self) -> None:
        if self._stream is None:
            return
        with suppress(ValueError, OSError):
            for raw in self._stream:
                line = raw.decode("utf-8", "replace")
                self._lines.append(line)
                if self._on_line is not None:
                    self._on_line(line.rstrip("\r\n"))

    def text(self) -> str:
        self._thread.join(_DRAIN)
        return "".join(self._lines)
