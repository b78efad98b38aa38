"""Which interpreter runs the tests where the project has no environment of its own."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from agentctl.project import Project
from agentctl.testing import environment


@pytest.fixture
def on_the_path(tmp_path, monkeypatch):
    """Return a function that puts a program called python on the path, and the interpreter that is then found."""

    def find(script: str) -> tuple[environment.Python, Path]:
        python = tmp_path / "bin" / "python"
        python.parent.mkdir(exist_ok=True)
        python.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        python.chmod(0o755)
        monkeypatch.setenv("PATH", str(python.parent))
        return environment.find(Project(root=tmp_path), None), python

    for name in ("UV_PROJECT_ENVIRONMENT", "VIRTUAL_ENV", "CONDA_PREFIX"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "base_prefix", "/usr")
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "pipx"))
    return find


def test_beside_an_agentctl_to_itself_it_is_the_python_of_the_path(on_the_path):
    found, python = on_the_path(f'exec {sys.executable} "$@"')
    assert (found.path, found.own) == (python, False)


def test_a_python_of_the_path_without_pytest_is_none(on_the_path):
    found, _ = on_the_path("exit 1")
    assert (found.path, found.own) == (Path(sys.executable), False)


def test_an_agentctl_that_is_installed_beside_the_project_is_its_own(on_the_path, monkeypatch):
    monkeypatch.setattr(sys, "prefix", sys.base_prefix)
    found, _ = on_the_path(f'exec {sys.executable} "$@"')
    assert found.path == Path(sys.executable)


def test_the_environment_of_agentctl_is_on_the_path_itself(on_the_path, monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    found, _ = on_the_path(f'exec {sys.executable} "$@"')
    assert found.path == Path(sys.executable)
