"""What runs in other people's interpreters: alone, old syntax, and each add-on by itself in a real child."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from agentctl import resources

MODULES = sorted(resources.runtime().glob("agentctl_*.py"))
ALLOWED = {*sys.stdlib_module_names, "pytest", "coverage"}
GUARD = 120


def child(*arguments, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(resources.runtime()), *filter(None, [os.environ.get("PYTHONPATH")])])
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": path, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", **environment},
        capture_output=True,
        text=True,
        timeout=GUARD,
        check=False,
    )


def events(file: Path) -> list[dict]:
    return [json.loads(line) for line in file.read_text(encoding="ascii").splitlines()]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_python_39_reads_it_and_it_imports_nothing_of_ours(path):
    tree = ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 9))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in names} <= ALLOWED


def test_results_are_events_of_the_session(tmp_path):
    (tmp_path / "test_a.py").write_text(
        "import pytest\n\ndef test_good(): pass\n\ndef test_bad():\n    assert 0\n\n"
        "@pytest.mark.skip(reason='x')\ndef test_skip(): pass\n\n@pytest.mark.xfail\ndef test_x(): assert 0\n",
        encoding="utf-8",
    )
    (tmp_path / "test_b.py").write_text("def test_x(:\n", encoding="utf-8")
    target = tmp_path / "events"
    arguments = [
        "-m",
        "pytest",
        "-p",
        "agentctl_results",
        "--continue-on-collection-errors",
        "--deselect",
        "test_a.py::test_x",
    ]
    done = child(*arguments, cwd=tmp_path, AGENTCTL_RESULTS=str(target))
    told = events(target)
    assert done.returncode == 1
    assert [event["event"] for event in told if event["event"] not in {"running", "test"}] == [
        "start",
        "collect",
        "deselected",
        "finish",
    ]
    assert told[1]["id"] == "test_b.py"
    assert told[1]["message"].startswith("SyntaxError: ")
    tests = {event["id"]: event for event in told if event["event"] == "test"}
    assert {name.split("::")[1]: event["outcome"] for name, event in tests.items()} == {
        "test_good": "passed",
        "test_bad": "failed",
        "test_skip": "skipped",
    }
    assert tests["test_a.py::test_bad"]["crash_line"] == 6
    assert told[-1] == {"event": "finish", "exitstatus": 1}


def test_failing_subtests_fail_their_test_once(tmp_path):
    text = (
        "import unittest\n\nclass T(unittest.TestCase):\n    def test_x(self):\n        for n in range(3):\n"
        "            with self.subTest(n=n):\n                self.assertNotEqual(n, 1)\n"
    )
    (tmp_path / "test_a.py").write_text(text, encoding="utf-8")
    target = tmp_path / "events"
    done = child("-m", "pytest", "-p", "agentctl_results", cwd=tmp_path, AGENTCTL_RESULTS=str(target))
    tests = [event for event in events(target) if event["event"] == "test"]
    assert done.returncode == 1
    assert [test["outcome"] for test in tests] == ["failed"]


def test_results_without_a_target_write_nothing(tmp_path):
    (tmp_path / "test_a.py").write_text("def test_x(): pass\n", encoding="utf-8")
    before = set(tmp_path.iterdir())
    done = child("-m", "pytest", "-p", "agentctl_results", "-p", "no:cacheprovider", cwd=tmp_path)
    assert done.returncode == 0
    assert {path for path in tmp_path.iterdir() if path.name != "__pycache__"} == before


@pytest.mark.parametrize("policy", ["none", "loopback"])
def test_the_network_policy_is_refused_in_python_itself(tmp_path, policy):
    script = """
import socket, agentctl_network as net
told = []
def attempt(call):
    try:
        call()
    except net.NetworkBlockedError as error:
        told.append(str(error))
    except OSError:
        pass
plain = lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM)
attempt(lambda: plain().connect(("192.0.2.1", 9)))
attempt(lambda: plain().connect_ex(("192.0.2.1", 9)))
attempt(lambda: socket.socket(socket.AF_INET6).connect(("2001:db8::1", 9)))
attempt(lambda: socket.gethostbyname("example.invalid"))
attempt(lambda: socket.getaddrinfo(b"example.invalid", 80))
attempt(lambda: plain().connect(("127.0.0.1", 1)))
attempt(lambda: socket.socket(socket.AF_INET6).connect(("::1", 1)))
for host in (None, "", "localhost", "a.localhost", "127.0.0.1", "::1%lo", "192.0.2.1", socket.gethostname()):
    attempt(lambda: socket.getaddrinfo(host, 80))
one, two = socket.socketpair()
one.sendmsg([b"x"])
print(len(told), told[0], told[3], sep="\\n")
"""
    done = child("-c", script, cwd=tmp_path, AGENTCTL_NETWORK=policy)
    count, first, lookup = done.stdout.splitlines()
    assert int(count) == (7 if policy == "none" else 5), done.stdout
    words = "the network is not allowed" if policy == "none" else "only loopback is allowed"
    assert first.startswith(f"a connection to 192.0.2.1:9 was refused: {words}")
    assert lookup.startswith("a lookup of example.invalid was refused")


def test_the_random_order_shows_its_seed(tmp_path):
    (tmp_path / "test_a.py").write_text(
        "def test_x(): pass\n\nclass TestA:\n    def test_y(self): pass\n", encoding="utf-8"
    )
    done = child("-m", "pytest", "-p", "agentctl_order", cwd=tmp_path, AGENTCTL_SEED="41")
    assert done.returncode == 0
    assert "agentctl: random order, seed 41" in done.stdout


def test_combining_tells_figures_or_the_problem(tmp_path):
    (tmp_path / "code.py").write_text("import sys\nif len(sys.argv) > 5:\n    print(1)\n", encoding="utf-8")
    data = tmp_path / "data.one"
    done = child("-m", "coverage", "run", "--branch", f"--data-file={data}", "code.py", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (tmp_path / "junk").write_text("no data", encoding="utf-8")
    spec = tmp_path / "spec.json"
    result = tmp_path / "result.json"
    parts = {"good": [str(data)], "bad": [str(tmp_path / "junk")]}
    spec.write_text(json.dumps({"parts": parts, "folder": str(tmp_path), "result": str(result)}), encoding="utf-8")
    done = child(resources.runtime() / "agentctl_combine.py", spec, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    measured = json.loads(result.read_text(encoding="utf-8"))["parts"]
    assert measured["good"] == {
        "lines": 3,
        "covered": 2,
        "branches": 2,
        "covered_branches": 1,
        "files": {"code.py": [3, 2]},
    }
    assert set(measured["bad"]) == {"problem"}
