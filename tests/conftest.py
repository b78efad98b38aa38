"""What all tests share: golden files, the command in a real process, and what the machine has."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# The machine may be busy: how long an example takes says nothing about the code.
settings.register_profile("here", deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("here")

TESTS = Path(__file__).parent
GOLDEN = TESTS / "golden"
_PROGRAMS = {
    "redis": ("redis-server",),
    "postgres": ("pg_ctl", "pg_ctlcluster"),
    "browser": ("chromium", "chromium-browser", "google-chrome"),
}


def pytest_addoption(parser):
    parser.addoption("--update-golden", action="store_true", help="rewrite tests/golden from what comes out now")


def pytest_collection_modifyitems(config, items):
    """Leave out what this machine cannot run, and say why; where processes share the tests, begin with the longest."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: not item.get_closest_marker("slow"))
    for item in items:
        for name, programs in _PROGRAMS.items():
            if item.get_closest_marker(name) and not any(map(shutil.which, programs)):
                item.add_marker(pytest.mark.skip(reason=f"{programs[0]} is not installed"))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Give each process whole files, and all that runs the project of a kind to one: it is set up once."""
    from xdist.scheduler import LoadFileScheduling

    class ByKind(LoadFileScheduling):
        def _split_scope(self, nodeid):
            kinds = [kind for kind, places in _RUNS.items() if nodeid.startswith(places)]
            return kinds[0] if kinds else super()._split_scope(nodeid)

    if config.getoption("dist") != "loadfile":
        return None
    config.option.loadscopereorder = False  # by number of tests; see above
    return ByKind(config, log)


_KINDS = "tests/templates/test_kinds.py::test_it_sets_itself_up_and_passes_its_own_tests_offline"
_RUNS = {
    "llm": ("tests/templates/test_servers.py", f"{_KINDS}[llm]"),
    "service": ("tests/templates/test_service.py", f"{_KINDS}[service]"),
    "team": ("tests/templates/test_team.py", f"{_KINDS}[team]"),
}


def pytest_runtest_setup(item):
    if item.get_closest_marker("index") and not index_answers():
        pytest.skip("no package index answers")


@cache
def index_answers() -> bool:
    """Return whether packages can be had here: from an index, a mirror or a folder, as pip (else uv) is set up."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--retries", "0", "--timeout", "10"]
    with tempfile.TemporaryDirectory() as folder:
        command = [*pip, "download", "-q", "--no-deps", "-d", folder, "iniconfig"]
        if find_spec("pip") is None:
            command = ["uv", "pip", "install", "-q", "--dry-run", "--no-deps", "--target", folder, "iniconfig"]
        try:
            return subprocess.run(command, capture_output=True, check=False, timeout=120).returncode == 0
        except (OSError, subprocess.TimeoutExpired):
            return False


@pytest.fixture
def golden(request):
    """Return a function that compares a text with ``tests/golden/<name>``, or rewrites it with ``--update-golden``."""

    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        assert path.is_file(), f"{path} is not there: run pytest --update-golden and read what it wrote"
        assert text == path.read_text(encoding="utf-8")

    return compare


@pytest.fixture
def agentctl(tmp_path):
    """Return a function that runs the command line in a real process, in a folder of its own, and returns what it did.

    Neither the colour, the format nor the width of the caller's terminal reaches it.
    """
    inherited = {name: value for name, value in os.environ.items() if name not in _OF_THE_CALLER}

    def run(*arguments, cwd=tmp_path, env=None, program=("-m", "agentctl"), timeout=120, **options):
        return subprocess.run(
            [sys.executable, *program, *map(str, arguments)],
            cwd=cwd,
            env={**inherited, **(env or {})},
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",
            check=False,
            timeout=timeout,
            **options,
        )

    return run


_OF_THE_CALLER = {"NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "AGENTCTL_FORMAT", "AGENTCTL_DEBUG", "CLICOLOR_FORCE"}
