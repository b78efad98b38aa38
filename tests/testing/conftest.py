"""Real small projects, tested by real pytest children."""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path

import pytest

from agentctl import project
from agentctl.testing import run


@pytest.fixture(autouse=True)
def _plain_pytest(monkeypatch):
    """Keep what is installed beside pytest here out of the children, which start quicker so."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    for name in ("PYTEST_ADDOPTS", "AGENTCTL_TEST_COV_FLOOR"):
        monkeypatch.delenv(name, raising=False)


class Made:
    """A project in a temporary folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, files):
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text), encoding="utf-8")
        return self

    def test(self, *names, extra=(), python=sys.executable, **options):
        options = {"python": Path(python) if python else None, **options}
        return run.test(project.load(self.root), run.Options(names=names, extra=tuple(extra), **options))


@pytest.fixture
def made(tmp_path):
    """Return a function that makes a project of these files; ``pkg`` has a function with a branch for each sign."""
    code = "def sign(x):\n    if x < 0:\n        return -1\n    return 1\n"
    base = {"pyproject.toml": '[project]\nname = "demo"\nversion = "1"\n', "pkg/__init__.py": "", "pkg/code.py": code}

    def make(files):
        root = tmp_path / "project"
        root.mkdir(exist_ok=True)
        return Made(root).put({**base, **files})

    return make


@pytest.fixture
def figures():
    """Return a report's figures by name."""
    return lambda report: {figure.name: figure.value for figure in report.figures}


@pytest.fixture
def found():
    """Return a report's findings by id."""
    return lambda report: {finding.id: finding for finding in report.results}
