import gc
import logging
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import stamina
import structlog
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from xdist.remote import Producer  # type: ignore[import-untyped]
from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]

from .. import ENV_PREFIX
from ..config.settings import Settings
from .fixtures.agents import ScriptedAgent
from .fixtures.certificates import self_signed
from .fixtures.service import Service, make_settings, running
from .fixtures.store import store_place

# a busy machine is no failure, and the service of a test may serve all of its examples
hypothesis_settings.register_profile(
    "here",
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
hypothesis_settings.load_profile("here")


class _BySubject(LoadFileScheduling):  # type: ignore[misc]
    """Gives the tests of a subject to one process: those of `…_providers.py` load the same large packages.

    The suite `e2e` shares a running service.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return "e2e" if "/e2e/" in file else file.removesuffix(".py").rpartition("_")[2]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> _BySubject | None:
    if config.getoption("dist") != "loadfile":
        return None
    config.option.loadscopereorder = False  # the suites that wait most come first
    return _BySubject(config, log)


def pytest_sessionstart(session: pytest.Session) -> None:
    if session.config.getoption("numprocesses", None):  # the others run the tests: here is nothing to be covered
        threading.settrace(None)
        sys.settrace(None)


def pytest_collection_finish() -> None:
    """Spare the garbage collector what stays anyway: all that was loaded."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What clients trust: this machine alone; each would else read the machine's long list anew."""
    return self_signed(tmp_path_factory.mktemp("authority"))[0]


@pytest.fixture(scope="session")
def nowhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where tests run that need no folder: it stays empty."""
    return tmp_path_factory.mktemp("nowhere")


@pytest.fixture(autouse=True)
def _isolated(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, authority: Path, nowhere: Path
) -> Iterator[None]:
    """No settings and no proxy of the machine, no waiting between retries, no logging that outlives a test."""
    before = dict(os.environ)
    for name in [name for name in before if name.startswith(ENV_PREFIX)]:
        del os.environ[name]
    os.environ |= {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}  # what tests call runs here
    os.environ["SSL_CERT_FILE"] = str(authority)
    monkeypatch.chdir(request.getfixturevalue("tmp_path") if "tmp_path" in request.fixturenames else nowhere)
    handlers = logging.getLogger().handlers
    with stamina.set_testing(True, attempts=10, cap=True):
        yield
    os.environ.clear()
    os.environ.update(before)
    logging.getLogger().handlers = handlers
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()
    assert list(nowhere.iterdir()) == []


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return make_settings(tmp_path / "state", store=store_place(tmp_path / "state"))


@pytest.fixture
def agent() -> ScriptedAgent:
    return ScriptedAgent()


@pytest.fixture
def service(settings: Settings, agent: ScriptedAgent) -> Iterator[Service]:
    with running(settings, agent) as service:
        yield service
