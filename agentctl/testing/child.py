"""Run one suite in one pytest child."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agentctl import process
from agentctl.testing import outcomes
from agentctl.testing.environment import Python, variables
from agentctl.testing.outcomes import SuiteRun
from agentctl.testing.suites import Suite


@dataclass(frozen=True, kw_only=True)
class Bench:
    """What all suites of a run share.

    Attributes:
        folder: A temporary folder; each suite has one of its own in it.
        extra: pytest's own arguments from the command line.
        coverage: ``source``, ``default_source``, ``default_omit`` and ``required`` of ``agentctl_measure``.
        show: The file descriptor that gets pytest's output while it runs; None hides it.
        seed: Of the random order, for the suites that want one.
    """

    root: Path
    python: Python
    folder: Path
    extra: tuple[str, ...]
    coverage: Mapping[str, Any]
    show: int | None
    seed: int


def run(suite: Suite, bench: Bench) -> SuiteRun:
    """Run the suite to its end or its bound and return what it did.

    Raises:
        NoAnswerError: The interpreter cannot be started.
    """
    folder = bench.folder / suite.name
    folder.mkdir(parents=True)
    started = time.monotonic()
    with (
        (folder / "output.txt").open("wb") as hidden,
        process.started_child(
            _command(suite, bench),
            cwd=bench.root,
            env=_environment(suite, bench, folder),
            stdout=hidden if bench.show is None else bench.show,
            stderr=hidden if bench.show is None else bench.show,
            ask=signal.SIGINT,  # pytest tears its fixtures down on Ctrl-C, not on SIGTERM
        ) as child,
    ):
        ended = process.wait(child, suite.timeout)
    return SuiteRun(
        suite=suite,
        returncode=child.returncode,
        timed_out=not ended,
        duration=time.monotonic() - started,
        seed=bench.seed if suite.random_order else None,
        **outcomes.read(folder / "results.ndjson", bench.root),
    )


def data_files(suite: Suite, folder: Path) -> list[str]:
    """Return the coverage data that a suite's processes left in its part of the temporary folder."""
    return sorted(str(path) for path in (folder / suite.name).glob("coverage*") if path.is_file())


def measuring_problem(suite: Suite, folder: Path) -> str:
    """Return why the suite could not measure coverage, or an empty string."""
    path = folder / suite.name / "problem.txt"
    return path.read_text(encoding="utf-8", errors="replace").strip() if path.is_file() else ""


def last_words(suite: Suite, folder: Path) -> str:
    """Return the error that a hidden pytest wrote, else its last line."""
    path = folder / suite.name / "output.txt"
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines() if path.is_file() else []
    told = [line.strip() for line in lines if line.strip()]
    errors = [line for line in told if "error: " in line.lower() and "usage: " not in line]
    return outcomes.mask((errors[:1] or told[-1:] or [""])[0])


def _command(suite: Suite, bench: Bench) -> Sequence[str | Path]:
    plugins = ["agentctl_results", "agentctl_measure"]
    plugins += ["agentctl_network"] if suite.network != "any" else []
    plugins += ["agentctl_order"] if suite.random_order else []
    named = [word for plugin in plugins for word in ("-p", plugin)]
    return [bench.python.path, "-m", "pytest", *named, *suite.args, *bench.extra, *suite.select]


def _environment(suite: Suite, bench: Bench, folder: Path) -> dict[str, str]:
    data = str(folder / "coverage")
    measure = {**bench.coverage, "data_file": data, "problem": str(folder / "problem.txt")}
    return {
        **variables(bench.python),
        "AGENTCTL_RESULTS": str(folder / "results.ndjson"),
        "AGENTCTL_COVERAGE": json.dumps(measure),
        "AGENTCTL_NETWORK": suite.network,
        "AGENTCTL_SEED": str(bench.seed),
        "COVERAGE_FILE": data,  # for pytest-cov and for what the tests start under coverage themselves
    }
