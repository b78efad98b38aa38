"""How the tests are run; what all of them may use is in ``fixtures/common.py``."""

import gc
import sys
import threading

import pytest
from xdist.remote import Producer  # type: ignore[import-untyped]
from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]

gc.disable()  # what is loaded stays


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


@pytest.hookimpl(trylast=True)  # after coverage began
def pytest_sessionstart(session: pytest.Session) -> None:
    if session.config.getoption("numprocesses", None):  # the others run the tests: here nothing is loaded or covered
        threading.settrace(None)
        sys.settrace(None)
    else:
        session.config.pluginmanager.import_plugin(f"{__package__}.fixtures.common")


def pytest_collection_finish() -> None:
    """Spare the garbage collector what stays anyway, and looking after each few objects."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
    gc.enable()
