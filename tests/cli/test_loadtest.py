from __future__ import annotations

import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

SHARED = Path(__file__).parent.parent / "loadtesting" / "conftest.py"
_spec = importlib.util.spec_from_file_location("loadtesting_fixtures", SHARED)
_shared = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_shared)
project, start = _shared.project, _shared.start

FAST = ("--rate", "50", "--duration", "1.2s")
SERVE = ("loadtest", "--serve", "--python", sys.executable)


@pytest.mark.parametrize("env", [{}, {"COLUMNS": "40", "LC_ALL": "C", "PYTHONIOENCODING": "ascii"}])
def test_a_run_reads_well_and_exits_0_on_any_terminal(agentctl, project, env):
    done = agentctl(*SERVE, *FAST, cwd=project(), env=env)
    assert (done.returncode, done.stderr) == (0, "")
    assert "passed: 60 requests at 50/s, 100 % succeeded, p95" in " ".join(done.stdout.split())


def test_json_follows_the_report(agentctl, start, tmp_path):
    done = agentctl("loadtest", "--host", start(), "--path", "/error", *FAST, "--format", "json", cwd=tmp_path)
    report = json.loads(done.stdout)
    assert (done.returncode, report["exit_code"], report["verdict"]) == (1, 1, "fail")
    assert [result["verdict"] for result in report["results"]] == ["fail", "invalid", "pass"]


def test_the_record_never_holds_a_headers_value(agentctl, start, tmp_path):
    arguments = (
        "--header",
        "Authorization: Bearer s3cret",
        "-H",
        "X-Key:s3cret",
        "--header=X-Other: s3cret",
        "-HX-More:s3cret",
    )
    (tmp_path / "agentctl.toml").touch()
    done = agentctl("loadtest", "--host", start(), "--path", "/", *FAST, *arguments, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (record,) = (tmp_path / ".agentctl" / "records").glob("loadtest-*.json")
    assert "s3cret" not in record.read_text() + done.stdout + done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ((), 2, "--serve or --host"),
        (("--serve",), 2, "no path was given"),
        (("--serve", "--path", "/"), 2, "has no serve command"),
        (("--host", "http://127.0.0.1:1"), 2, "--path /chat"),
        (("--host", "https://agent.example", "--path", "/"), 2, "--allow-remote"),
        (("--host", "http://127.0.0.1:1", "--path", "/", "--gate", "p96<1s"), 2, "did you mean p9"),
        (("--host", "http://127.0.0.1:1", "--path", "/", "--duration", "soon"), 2, "30s"),
        (("--host", "http://127.0.0.1:1", "--path", "/", "--rate", "0"), 2, "more than zero"),
        (("--host", "http://127.0.0.1:1", "--path", "/", "--rate", "1"), 3, "--duration 50s is enough"),
        (("--host", "http://127.0.0.1:1", "--path", "/"), 1, "nothing answers"),
        (("--serve", "--path", "/", "--project", "nowhere"), 2, "no such file"),
        (("--max-requests", "0"), 2, "max-requests"),
    ],
)
def test_bad_input_is_one_clear_line(agentctl, tmp_path, arguments, code, words):
    done = agentctl("loadtest", *arguments, cwd=tmp_path)
    assert done.returncode == code
    assert words in " ".join((done.stdout + done.stderr).split())
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_type_in_the_settings_exits_2(agentctl, tmp_path):
    (tmp_path / "agentctl.toml").write_text("[loadtest]\nserve = 3\n")
    done = agentctl("loadtest", "--serve", "--path", "/", cwd=tmp_path)
    assert done.returncode == 2
    assert "serve" in done.stderr


def test_a_closed_pipe_is_quiet_and_leaves_nothing_running(project, tmp_path):
    pid = tmp_path / "pid"
    child = subprocess.Popen(
        [sys.executable, "-m", "agentctl", *SERVE, *FAST],
        cwd=project(server=f"--pid {pid}"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    child.stdout.close()
    said = child.stderr.read()
    assert child.wait(60) == 141
    assert said == b""
    child.stderr.close()
    assert gone(int(pid.read_text()))


@pytest.mark.parametrize(
    ("number", "code", "times"), [(signal.SIGINT, 130, 1), (signal.SIGTERM, 143, 1), (signal.SIGINT, 130, 3)]
)
def test_a_signal_in_the_middle_leaves_nothing_running(project, tmp_path, number, code, times):
    pid = tmp_path / "pid"
    child = subprocess.Popen(
        [sys.executable, "-m", "agentctl", *SERVE, "--rate", "50", "--duration", "60s"],
        cwd=project(server=f"--pid {pid}"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    wait_for(lambda: len(children(child.pid)) == 2)
    started = children(child.pid)
    assert int(pid.read_text()) in started
    for _ in range(times):
        child.send_signal(number)
        time.sleep(0.05)
    out, said = child.communicate(timeout=60)
    assert all(gone(one) for one in started)
    assert out == b""
    if times == 1:  # a later signal may meet the interpreter on its way out
        assert (child.returncode, said.count(b"\n")) == (code, 1), said
    assert not (tmp_path / "project" / ".agentctl").exists()


def test_ctrl_c_while_the_server_gets_ready_leaves_nothing_running(project, tmp_path):
    pid = tmp_path / "pid"
    child = subprocess.Popen(
        [sys.executable, "-m", "agentctl", *SERVE, *FAST],
        cwd=project(server=f"--never-ready --pid {pid}"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    wait_for(lambda: pid.exists() and pid.read_text())
    child.send_signal(signal.SIGINT)
    child.communicate(timeout=60)
    assert child.returncode == 130
    assert gone(int(pid.read_text()))


def children(pid: int) -> list[int]:
    done = subprocess.run(
        [shutil.which("ps"), "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False
    )
    return [int(word) for word in done.stdout.split()]


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def wait_for(condition) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)
