"""``agentctl validate --watch`` in a real process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest


def wait_for(path, words, count):
    deadline = time.monotonic() + 60
    while path.read_text().count(words) < count:
        assert time.monotonic() < deadline, path.read_text()
        time.sleep(0.05)


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_it_reports_again_on_each_change_until_ctrl_c(tmp_path):
    (tmp_path / "any.json").write_text('{"properties": {"a": {"type": "integer"}}}')
    data, out = tmp_path / "data.yaml", tmp_path / "out.txt"
    data.write_text("a: 1\n")
    command = [sys.executable, "-m", "agentctl", "validate", "--watch", "--schema", "any.json", "data.yaml"]
    with out.open("w") as stream:
        child = subprocess.Popen(command, cwd=tmp_path, stdout=stream, stderr=subprocess.STDOUT)
        try:
            wait_for(out, "all is well", 1)
            wait_for(out, "watching", 1)
            data.write_text("a: text\n")
            wait_for(out, "1 error in 1 file", 1)
            data.unlink()
            wait_for(out, "no such file", 1)
            data.write_text("a: 23\n")
            wait_for(out, "all is well", 2)
            child.send_signal(signal.SIGINT)
            assert child.wait(timeout=30) == 130
        finally:
            child.kill()
            child.wait()
    assert "Traceback" not in out.read_text()


def test_standard_input_cannot_be_watched(agentctl):
    done = agentctl("validate", "--watch", "-")
    assert done.returncode == 2
    assert "standard input does not change" in done.stderr
