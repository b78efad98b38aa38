from __future__ import annotations

import os
import subprocess
import sys

import pytest

pty = pytest.importorskip("pty")

_PROGRAM = """\
import time
from agentctl.cli.progress import hint, progress
with progress("reading [red]a b[/red]", quiet={quiet}) as say:
    time.sleep(0.4)
    say("writing [x]")
    time.sleep(0.4)
hint("done [y]\\x1b[2J", quiet={quiet})
"""


def on_a_terminal(*, quiet=False, **env):
    """Return what a person sees on standard error."""
    inherited = {name: value for name, value in os.environ.items() if name not in {"CI", "NO_COLOR", "TERM"}}
    ours, theirs = pty.openpty()
    try:
        subprocess.run(
            [sys.executable, "-c", _PROGRAM.format(quiet=quiet)],
            env={**inherited, "TERM": "xterm", **env},
            stderr=theirs,
            check=True,
            timeout=60,
        )
        os.write(theirs, b"END")
        seen = b""
        while not seen.endswith(b"END"):
            seen += os.read(ours, 65536)
    finally:
        os.close(ours)
        os.close(theirs)
    return seen.decode()


def test_a_terminal_sees_what_is_being_done_and_markup_stays_words():
    seen = on_a_terminal()

    assert "reading [red]a b[/red]" in seen
    assert "writing [x]" in seen
    assert "done [y]" in seen


@pytest.mark.parametrize("env", [{"CI": "true"}, {"TERM": "dumb"}])
def test_ci_and_dumb_terminals_see_hints_only(env):
    assert on_a_terminal(**env).strip() == "done [y]\\x1b[2J\r\nEND"


def test_quiet_is_quiet():
    assert on_a_terminal(quiet=True) == "END"


def test_a_pipe_sees_hints_only():
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM.format(quiet=False)], capture_output=True, text=True, check=True
    )

    assert (done.stdout, done.stderr) == ("", "done [y]\\x1b[2J\n")
