"""``agentctl test`` as a person and a pipeline use it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

GUARD = 120.0
PLAIN = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "COLUMNS": "100"}


@pytest.fixture
def demo(tmp_path):
    root = tmp_path / "demo"
    (root / "tests").mkdir(parents=True)
    (root / "pkg").mkdir()
    (root / "pyproject.toml").write_text('[project]\nname = "demo"\nversion = "1"\n', encoding="utf-8")
    (root / "pkg/__init__.py").write_text("def one():\n    return 1\n", encoding="utf-8")
    text = "import pkg\n\ndef test_one(): assert pkg.one() == 1\n\ndef test_two(): assert pkg.one() == 1\n"
    (root / "tests/test_one.py").write_text(text, encoding="utf-8")
    return root


@pytest.fixture
def tested(agentctl, demo):
    """Return a function that runs ``agentctl test`` in the demo project with this interpreter."""

    def run(*arguments, **options):
        return agentctl("test", "--python", sys.executable, *arguments, cwd=demo, env=PLAIN, **options)

    return run


def test_the_report_is_data_and_pytests_output_talk(tested):
    done = tested("--format", "json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert (report["command"], report["verdict"], report["subject"]) == ("test", "pass", "demo")
    figures = {figure["name"]: figure["value"] for figure in report["figures"]}
    assert (figures["tests"], figures["coverage"]) == (2, 100.0)
    assert "test session starts" in done.stderr
    assert "2 passed" in done.stderr


def test_quiet_hides_what_pytest_says(tested):
    done = tested("--quiet")
    assert (done.returncode, done.stderr) == (0, "")
    assert "pass: 2 passed" in done.stdout


def test_what_pytest_hides_under_quiet_is_told_where_it_matters(tested):
    done = tested("--quiet", "--", "--no-such-option")
    assert done.returncode == 3
    assert "unrecognized arguments: --no-such-option" in done.stdout.replace("\n", " ").replace("  ", "")


def test_what_follows_the_dashes_is_pytests(tested):
    done = tested("--format", "json", "--", "-k", "two", "--", "tests")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["figures"][0] == {"name": "tests", "value": 1, "unit": "", "label": ""}
    assert any("this was a part of the tests" in note for note in report["notes"])


def test_junit_has_a_case_for_the_suite(tested, demo):
    done = tested("--output", "junit=out.xml")
    assert done.returncode == 0
    assert 'classname="test.all"' in (demo / "out.xml").read_text(encoding="utf-8")


def test_a_floor_from_the_environment(agentctl, demo):
    (demo / "pkg/more.py").write_text("x = 1\ny = 2\n", encoding="utf-8")
    environment = {**PLAIN, "AGENTCTL_TEST_COV_FLOOR": "90"}
    done = agentctl("test", "-q", "--python", sys.executable, cwd=demo, env=environment)
    assert done.returncode == 1
    assert "below the floor of 90 %" in done.stdout


def test_list_shows_the_suites_and_runs_nothing(tested, demo):
    done = tested("--list")
    assert done.returncode == 0
    assert "pytest's own choice" in done.stdout
    assert not (demo / ".agentctl").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["untit"], "did you mean unit?"),
        (["--project", "pyproject.toml"], "not a folder"),
        (["--project", "nowhere"], "no such file or folder"),
        (["--cov-floor", "101"], "101"),
    ],
)
def test_wrong_arguments_are_usage_errors(tested, arguments, words):
    done = tested(*arguments)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_an_interpreter_that_is_not_there_is_a_usage_error(agentctl, demo):
    done = agentctl("test", "--python", "nowhere/python", cwd=demo)
    assert done.returncode == 2
    assert "--python nowhere/python: not an executable file" in done.stderr


def test_another_folders_project(tested, demo, agentctl, tmp_path):
    done = agentctl("test", "-q", "--project", demo, "--python", sys.executable, cwd=tmp_path, env=PLAIN)
    assert done.returncode == 0
    assert (demo / ".agentctl/records").is_dir()


HANGS = """
import os, pathlib, subprocess, sys, time, pytest

@pytest.fixture
def server():
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    pathlib.Path("pids.new").write_text(f"{os.getpid()} {child.pid}")
    os.rename("pids.new", "pids")
    yield
    pathlib.Path("torn_down").touch()

def test_hangs(server): time.sleep(600)
"""


def runs(pid):
    """Return whether a process still runs a moment later; one that is only not yet reaped does not."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        try:
            state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
        except OSError:
            return False
        if state in {"Z", "X"}:
            return False
        time.sleep(0.05)
    return True


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_in_the_middle_leaves_no_child_and_lets_fixtures_end(demo, number, code):
    (demo / "tests/test_one.py").write_text(HANGS, encoding="utf-8")
    ours = subprocess.Popen(
        [sys.executable, "-m", "agentctl", "test", "--python", sys.executable],
        cwd=demo,
        env={**os.environ, **PLAIN},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509 - no threads here
    )
    try:
        pids = demo / "pids"
        end = time.monotonic() + GUARD
        while not pids.exists():
            assert time.monotonic() < end
            time.sleep(0.05)
        ours.send_signal(number)
        _, said = ours.communicate(timeout=GUARD)
    finally:
        ours.kill()
    assert ours.returncode == code, said
    assert "Traceback" not in said
    assert (demo / "torn_down").exists()
    assert not [pid for pid in pids.read_text(encoding="ascii").split() if runs(pid)]
    assert not (demo / ".agentctl").exists()
