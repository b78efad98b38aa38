"""The interpreter that the project's tests run in, and the environment of its children."""

from __future__ import annotations

import os
import random
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from agentctl import process, project, resources
from agentctl.errors import NoAnswerError
from agentctl.project import Project

_PROBE_TIMEOUT = 60.0


@dataclass(frozen=True, kw_only=True)
class Python:
    """An interpreter; ``own`` says that it is the project's, not agentctl's for want of one."""

    path: Path
    own: bool

    def install(self, *packages: str) -> str:
        """Return the command that installs packages there."""
        return f"{self.path} -m pip install {' '.join(packages)}"


def find(found: Project, wanted: Path | None) -> Python:
    """Return the project's interpreter, else one that may be: in containers and in CI there is often no environment.

    Where agentctl has an environment to itself (pipx, its action), that is the ``python`` of the path if it has pytest;
    else agentctl's own.

    Raises:
        UsageError: The one asked for is not an executable file.
    """
    path = project.interpreter(found, wanted)
    return Python(path=path or _of_the_path(found.root) or Path(sys.executable), own=path is not None)


def _of_the_path(root: Path) -> Path | None:
    if sys.prefix == sys.base_prefix:
        return None
    told = shutil.which("python") or shutil.which("python3")
    if told is None or Path(told).is_relative_to(sys.prefix):
        return None
    probe = "import importlib.util, sys; sys.exit(importlib.util.find_spec('pytest') is None)"
    return Path(told) if process.run([told, "-c", probe], cwd=root, timeout=_PROBE_TIMEOUT).ok else None


def variables(python: Python) -> dict[str, str]:
    """Return a child's environment: the interpreter's virtual environment active, our add-ons on its path."""
    environment = {
        name: value for name, value in os.environ.items() if name not in {"PYTHONHOME", "__PYVENV_LAUNCHER__"}
    }
    home = python.path.parent.parent
    if (home / "pyvenv.cfg").is_file():
        environment["VIRTUAL_ENV"] = str(home)
        environment["PATH"] = os.pathsep.join([str(python.path.parent), environment.get("PATH", os.defpath)])
    before = environment.get("PYTHONPATH")
    environment["PYTHONPATH"] = os.pathsep.join([str(resources.runtime()), *([before] if before else [])])
    return environment


def new_seed() -> int:
    """Return a seed short enough to type."""
    return random.SystemRandom().randrange(10**6)


def explain_missing(python: Python, root: Path, environment: Mapping[str, str]) -> None:
    """Raise if the interpreter cannot run or has no pytest; return when something else was wrong.

    Raises:
        NoAnswerError: With the command that installs what is missing.
    """
    probe = "import pytest"
    done = process.run([python.path, "-c", probe], cwd=root, env=environment, timeout=_PROBE_TIMEOUT)
    if done.ok:
        return
    if "No module named 'pytest'" in done.stderr:
        raise NoAnswerError(f"pytest is not installed in {python.path}", hint=_how_to_install(python, root))
    words = done.stderr.strip().splitlines()[-1:] or [f"it ended with {done.returncode}"]
    raise NoAnswerError(f"{python.path} cannot import pytest: {words[0]}", hint="name another with --python PATH")


def _how_to_install(python: Python, root: Path) -> str:
    if python.own:
        return python.install("pytest", "coverage")
    venv = "python3 -m venv .venv && .venv/bin/python -m pip install -e . pytest coverage"
    return f"make setup, or: {venv}" if _has_setup(root) else venv


def _has_setup(root: Path) -> bool:
    try:
        return "\nsetup:" in (root / "Makefile").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
