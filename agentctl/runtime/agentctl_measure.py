"""A pytest plugin that measures coverage from before the first conftest, with the project's own coverage settings.

``AGENTCTL_COVERAGE`` is a JSON object: ``data_file``, ``source`` (empty: the project's own choice), ``default_source``
and ``default_omit`` (where the project chose nothing), ``required``, and ``problem``, a file for what went wrong.
Where pytest-cov measures, this steps aside: two tracers in one process would spoil both.
"""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

_SETTINGS = json.loads(os.environ["AGENTCTL_COVERAGE"])


class Measure:
    """One measurement: started on import, saved at the session's end, also in each of xdist's workers."""

    def __init__(self) -> None:
        self.problem = ""
        self._coverage: Any = None

    def start(self) -> None:
        """Begin to measure, or remember why not."""
        try:
            import coverage
        except ImportError:
            self._fail("coverage is not installed")
            return
        try:
            self._stop_outer(coverage.Coverage)
            self._coverage = self._made(coverage.Coverage)
            self._coverage.start()
        except Exception as error:  # noqa: BLE001 - whatever the project's settings and plugins of coverage raise
            self._coverage = None
            self._fail(f"coverage cannot start: {type(error).__name__}: {error}")

    def _stop_outer(self, kind: Any) -> None:
        """Stop what COVERAGE_PROCESS_START began in this process."""
        current = kind.current() if hasattr(kind, "current") else None
        if current is not None:
            current.stop()

    def _made(self, kind: Any) -> Any:
        made = kind(data_file=_SETTINGS["data_file"], data_suffix=True, source=_SETTINGS["source"] or None)
        chosen = ("source", "source_pkgs", "source_dirs", "run_include")
        if _SETTINGS["default_source"] and not any(getattr(made.config, name, None) for name in chosen):
            made.set_option("run:source", _SETTINGS["default_source"])
            if not made.get_option("run:omit"):
                made.set_option("run:omit", _SETTINGS["default_omit"])
        return made

    def _fail(self, problem: str) -> None:
        self.problem = problem
        Path(_SETTINGS["problem"]).write_text(problem, encoding="utf-8", errors="backslashreplace")

    def stop(self, *, save: bool) -> None:
        """End the measurement."""
        measured, self._coverage = self._coverage, None
        if measured is None:
            return
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "no data was collected" is judged elsewhere
            measured.stop()
            if save:
                self._save(measured)

    def _save(self, measured: Any) -> None:
        try:
            measured.save()
        except Exception as error:  # noqa: BLE001 - such as a file name that the locale cannot hold
            self._fail(f"coverage cannot be saved: {type(error).__name__}: {error}")


_measure = Measure()
_measure.start()


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: Any) -> Iterator[None]:
    """Step aside for pytest-cov before it starts."""
    options = early_config.known_args_namespace
    if getattr(options, "cov_source", None) and not getattr(options, "no_cov", False):
        _measure.stop(save=False)
    yield


def pytest_configure() -> None:
    """End a run that must be measured and cannot be, before it costs its time."""
    if _measure.problem and _SETTINGS["required"]:
        raise pytest.UsageError(_measure.problem)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    """Save what was measured."""
    _measure.stop(save=True)
