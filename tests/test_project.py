"""The project that a command works on, and its settings."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from agentctl import project
from agentctl.errors import UsageError


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch):
    import os

    for name in [name for name in os.environ if name.startswith("AGENTCTL_")]:
        monkeypatch.delenv(name)


def refusal(folder):
    with pytest.raises(UsageError) as caught:
        project.load(folder)
    return caught.value.message.replace(f"{folder}/", ""), caught.value.hint


@pytest.mark.parametrize("marker", ["agentctl.toml", "pyproject.toml", ".git"])
def test_the_root_is_the_nearest_folder_with_a_marker(tmp_path, marker):
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / marker).touch()
    (inner / "file.py").touch()
    assert project.load(inner).root == tmp_path
    assert project.load(inner / "file.py").root == tmp_path


def test_settings_come_from_pyproject_and_its_own_file_wins(tmp_path):
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "demo"\n[tool.agentctl.test]\ncov_floor = 80\n')
    assert project.load(tmp_path).section("test") == {"cov_floor": 80}
    assert project.load(tmp_path).name == "demo"
    (tmp_path / "agentctl.toml").write_text("[test]\ncov_floor = 70\n")
    found = project.load(tmp_path)
    assert found.section("test") == {"cov_floor": 70}
    assert found.settings_file == tmp_path / "agentctl.toml"
    assert found.section("loadtest") == {}


def test_a_project_without_settings(tmp_path):
    (tmp_path / "pyproject.toml").write_text("[tool.other]\n")
    found = project.load(tmp_path)
    assert (found.settings, found.settings_file, found.name) == ({}, None, tmp_path.name)


@pytest.mark.parametrize(
    ("name", "text", "message", "hint"),
    [
        ("agentctl.toml", "[test]\ncov_flor = 90\n", "agentctl.toml:2:1: [test]: `test` has no key `cov_flor`, did you mean `cov_floor`?", "rename it to `cov_floor`"),
        ("agentctl.toml", "[tset]\n", "agentctl.toml:1:2: unknown key `tset`, did you mean `test`?", "rename it to `test`"),
        ("pyproject.toml", '[tool.agentctl]\ntest.cov_floor = "90"\n', 'pyproject.toml:2:18: `cov_floor` must be a number, not the string "90"', "write 90 without quotes"),
        ("pyproject.toml", "[tool]\nagentctl = 3\n", "pyproject.toml:2:12: the document must be a mapping, not the number 3", "The [tool.agentctl] table of pyproject.toml, or the whole of agentctl.toml."),
        ("agentctl.toml", '[test.suites.unit]\nnetwork = "loopbak"\n', 'agentctl.toml:2:11: unknown network "loopbak", did you mean "loopback"?', 'write "loopback"'),
        ("agentctl.toml", "[test]\ncov_flor = 90\nsource = 1\n", "agentctl.toml:2:1: [test]: `test` has no key `cov_flor`, did you mean `cov_floor`? (and 1 more)", "rename it to `cov_floor`"),
        ("pyproject.toml", "[project\n", "pyproject.toml:1:9: is not TOML: expected ']' at the end of a table declaration", "close the bracket"),
    ],
)  # fmt: skip
def test_wrong_settings_are_refused_with_their_place(tmp_path, name, text, message, hint):
    (tmp_path / name).write_text(text)
    assert refusal(tmp_path) == (message, hint)


def test_a_path_that_is_not_there(tmp_path):
    with pytest.raises(UsageError, match="no such file or folder"):
        project.load(tmp_path / "gone")


def test_the_environment_wins_over_the_file(tmp_path, monkeypatch):
    (tmp_path / "agentctl.toml").write_text('[test]\ncov_floor = 70\nsource = ["a"]\n')
    monkeypatch.setenv("AGENTCTL_TEST_COV_FLOOR", "85.5")
    monkeypatch.setenv("AGENTCTL_LOADTEST_DURATION", "10s")
    monkeypatch.setenv("AGENTCTL_FORMAT", "json")
    found = project.load(tmp_path)
    assert found.section("test") == {"cov_floor": 85.5, "source": ["a"]}
    assert found.section("loadtest") == {"duration": "10s"}


def test_a_wrong_setting_in_the_environment_is_named_by_its_variable(tmp_path, monkeypatch):
    monkeypatch.setenv("AGENTCTL_TEST_COV_FLOOR", "much")
    message, _ = refusal(tmp_path)
    assert message == 'AGENTCTL_TEST_COV_FLOOR: `cov_floor` must be a number, not the string "much"'


def test_valid_settings_load_no_second_engine(tmp_path):
    (tmp_path / "agentctl.toml").write_text("[test]\ncov_floor = 70\n")
    script = f"import sys, pathlib; from agentctl import project; project.load(pathlib.Path({str(tmp_path)!r})); print('jsonschema' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_the_interpreter_that_was_asked_for_must_be_one(tmp_path):
    here = project.Project(root=tmp_path)
    (tmp_path / "python").write_text("no program")
    with pytest.raises(UsageError, match="not an executable file"):
        project.interpreter(here, tmp_path / "python")


@pytest.fixture
def no_environment(monkeypatch):
    for name in ("UV_PROJECT_ENVIRONMENT", "VIRTUAL_ENV", "CONDA_PREFIX"):
        monkeypatch.delenv(name, raising=False)


def test_the_interpreter_of_the_project_s_own_environment(tmp_path, no_environment):
    here = project.Project(root=tmp_path)
    assert project.interpreter(here) is None
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").symlink_to(sys.executable)
    assert project.interpreter(here) == tmp_path / ".venv" / "bin" / "python"


@pytest.mark.parametrize("name", ["UV_PROJECT_ENVIRONMENT", "VIRTUAL_ENV", "CONDA_PREFIX"])
def test_the_interpreter_of_an_environment_that_is_named(tmp_path, monkeypatch, no_environment, name):
    python = tmp_path / "elsewhere" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    monkeypatch.setenv(name, str(tmp_path / "elsewhere"))
    assert project.interpreter(project.Project(root=tmp_path)) == python


@pytest.mark.parametrize(
    ("mark", "program", "asked"), [("poetry.lock", "poetry", "env info --executable"), ("Pipfile", "pipenv", "--py")]
)
def test_the_interpreter_that_a_manager_keeps(tmp_path, monkeypatch, no_environment, mark, program, asked):
    here, manager = project.Project(root=tmp_path), tmp_path / "bin" / program
    manager.parent.mkdir()
    manager.write_text(f'#!/bin/sh\necho a hint\n[ "$*" = "{asked}" ] && echo {sys.executable}\n')
    manager.chmod(0o755)
    monkeypatch.setenv("PATH", str(manager.parent), prepend=":")
    assert project.interpreter(here) is None  # it is none of the manager's
    (tmp_path / mark).touch()
    assert project.interpreter(here) == Path(sys.executable)
    manager.write_text("#!/bin/sh\nexit 1\n")
    assert project.interpreter(here) is None
