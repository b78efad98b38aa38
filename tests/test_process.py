"""Child processes: bounded, drained, and never outliving us, their own children included."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from agentctl import process
from agentctl.errors import NoAnswerError

GUARD = 60.0  # seconds; a hang guard, not a measure

# Starts a child of its own that ignores the polite signals, tells both ids, and waits.
FAMILY = """
import os, signal, subprocess, sys, time
stubborn = "import signal,time; [signal.signal(s, signal.SIG_IGN) for s in (2, 15)]; print('up', flush=True); time.sleep(600)"
child = subprocess.Popen([sys.executable, "-c", stubborn], stdout=subprocess.PIPE)
child.stdout.readline()
open(sys.argv[1] + ".new", "w").write(f"{os.getpid()} {child.pid}")
os.rename(sys.argv[1] + ".new", sys.argv[1])
time.sleep(600)
"""


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in {"Z", "X"}


def until(true, what: str) -> None:
    end = time.monotonic() + GUARD
    while not true():
        assert time.monotonic() < end, f"timed out: {what}"
        time.sleep(0.02)


def pids(file: Path) -> list[int]:
    until(file.exists, "the family's ids")
    return [int(word) for word in file.read_text(encoding="ascii").split()]


def gone(found: list[int]) -> None:
    until(lambda: not any(alive(pid) for pid in found), f"{found} to end")


def test_returns_what_the_child_did():
    script = "import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)"
    done = process.run([sys.executable, "-c", script], timeout=GUARD)
    assert (done.returncode, done.stdout, done.stderr, done.timed_out, done.ok) == (3, "out\n", "err\n", False, False)


def test_a_program_that_is_not_there_is_no_answer(tmp_path):
    with pytest.raises(NoAnswerError, match=r"cannot start .*nothing: No such file"):
        process.run([tmp_path / "nothing"], timeout=GUARD)


def test_a_file_that_is_no_program_is_no_answer(tmp_path):
    (tmp_path / "text").write_text("hello", encoding="utf-8")
    with pytest.raises(NoAnswerError, match="Permission denied"):
        process.run([tmp_path / "text"], timeout=GUARD)


def test_bytes_that_are_no_utf8_are_replaced():
    script = r"import sys; sys.stdout.buffer.write(b'caf\xe9\n')"
    assert process.run([sys.executable, "-c", script], timeout=GUARD).stdout == "caf\ufffd\n"


def test_output_larger_than_every_pipe_is_drained_from_both_streams():
    script = "import sys; [s.write('x' * 99 + '\\n') for _ in range(50_000) for s in (sys.stdout, sys.stderr)]"
    done = process.run([sys.executable, "-c", script], timeout=GUARD)
    assert (done.ok, len(done.stdout), len(done.stderr)) == (True, 5_000_000, 5_000_000)


def test_lines_are_told_as_they_come():
    told: list[str] = []
    process.run([sys.executable, "-c", "print('a'); print('b', end='')"], timeout=GUARD, on_line=told.append)
    assert told == ["a", "b"]


def test_at_the_bound_the_child_and_its_own_children_end(tmp_path):
    file = tmp_path / "ids"
    done = process.run([sys.executable, "-c", FAMILY, file], timeout=3)
    assert done.timed_out
    assert not done.ok
    gone(pids(file))


def test_children_that_outlive_their_parent_do_not_outlive_the_run(tmp_path):
    script = FAMILY.rstrip().removesuffix("time.sleep(600)")
    file = tmp_path / "ids"
    assert process.run([sys.executable, "-c", script, file], timeout=GUARD).ok
    gone(pids(file))


def test_leaving_the_block_stops_the_group_whatever_happens(tmp_path):
    file = tmp_path / "ids"
    found: list[int] = []

    def use():
        with process.started_child([sys.executable, "-c", FAMILY, file], grace=0.2):
            found.extend(pids(file))
            raise RuntimeError("anything")

    with pytest.raises(RuntimeError, match="anything"):
        use()
    gone(found)


def test_a_child_may_clean_up_when_asked_by_ctrl_c(tmp_path):
    script = "import sys, time\ntry:\n  print('up', flush=True); time.sleep(600)\nexcept KeyboardInterrupt:\n  open(sys.argv[1], 'w').close()"
    mark = tmp_path / "cleaned"
    with process.started_child([sys.executable, "-c", script, mark], ask=signal.SIGINT) as child:
        assert child.stdout is not None
        child.stdout.readline()
    assert mark.exists()


def test_a_second_ctrl_c_while_stopping_still_kills(tmp_path, monkeypatch):
    file = tmp_path / "ids"
    with process.started_child([sys.executable, "-c", FAMILY, file], grace=0.1) as child:
        found = pids(file)
        real = process.wait

        def interrupted(*_arguments):
            monkeypatch.setattr(process, "wait", real)
            raise KeyboardInterrupt

        monkeypatch.setattr(process, "wait", interrupted)
        with pytest.raises(KeyboardInterrupt):
            process.stop(child)
        gone(found)


@pytest.mark.parametrize("kernel_tells", [True, False])
def test_wait_tells_whether_the_child_ended(monkeypatch, kernel_tells):
    if not kernel_tells:
        monkeypatch.delattr(os, "pidfd_open", raising=False)
    with process.started_child([sys.executable, "-c", "import time; time.sleep(600)"]) as child:
        assert not process.wait(child, 0.05)
        threading.Timer(0.1, child.kill).start()
        assert process.wait(child, GUARD)
        assert process.wait(child)
    with process.started_child([sys.executable, "-c", "pass"]) as child:
        assert process.wait(child)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_to_agentctl_leaves_no_child(tmp_path, number, code):
    file = tmp_path / "ids"
    script = (
        "import signal, sys\nfrom agentctl import process\nfrom agentctl.errors import Terminated\n"
        "def stop(number, _): raise Terminated(number)\nsignal.signal(signal.SIGTERM, stop)\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "try:\n  process.run([sys.executable, '-c', sys.argv[1], sys.argv[2]], timeout=600)\n"
        "except Terminated: sys.exit(143)\nexcept KeyboardInterrupt: sys.exit(130)\n"
    )
    ours = subprocess.Popen([sys.executable, "-c", script, FAMILY, str(file)])
    try:
        found = pids(file)
        ours.send_signal(number)
        assert ours.wait(GUARD) == code
        gone(found)
    finally:
        ours.kill()
        ours.wait()
