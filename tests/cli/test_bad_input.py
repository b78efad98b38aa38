"""Every command against the same bad situations: a clear line, the right exit code, never a traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

COMMANDS = {
    "validate": ["validate"],
    "test": ["test"],
    "loadtest": ["loadtest", "--serve"],
    "checklist": ["checklist"],
    "ci": ["ci"],
}


def agentctl(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command line as a user does, in a plain environment."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("AGENTCTL_", "PYTEST", "VIRTUAL_ENV"))
    }
    return subprocess.run(
        [sys.executable, "-m", "agentctl", *arguments],
        cwd=cwd,
        env={**kept, "COLUMNS": "80", **environment},
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=120,
        check=False,
    )


def assert_clean(done: subprocess.CompletedProcess[str], *codes: int) -> None:
    """Assert the exit code, that no traceback shows, and that a refusal is one line beside its hint."""
    said = done.stdout + done.stderr
    assert "Traceback" not in said
    assert "bug in agentctl" not in said
    assert done.returncode in codes, said
    if done.returncode == 2:
        assert len(done.stderr.strip().splitlines()) <= 2, done.stderr
        assert done.stderr.startswith("error: ")


@pytest.mark.parametrize(
    ("command", "code"), [("validate", 3), ("test", 3), ("loadtest", 2), ("checklist", 3), ("ci", 3)]
)
def test_an_empty_folder_has_no_answer(command: str, code: int, tmp_path: Path) -> None:
    done = agentctl(*COMMANDS[command], cwd=tmp_path)
    assert_clean(done, code)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", COMMANDS)
def test_a_broken_pyproject_is_named(command: str, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[project\nname = 3\n")
    done = agentctl(*COMMANDS[command], cwd=tmp_path)
    assert_clean(done, 2)
    assert "pyproject.toml" in done.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_an_unknown_setting_is_named_with_the_nearest(command: str, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.agentctl.tset]\ncov_floor = 90\n")
    done = agentctl(*COMMANDS[command], cwd=tmp_path)
    assert_clean(done, 2)
    assert "tset" in done.stderr
    assert "did you mean `test`" in done.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_a_refusal_is_json_when_json_was_asked_for(command: str, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[project\n")
    done = agentctl(*COMMANDS[command], "--format", "json", cwd=tmp_path)
    assert done.returncode == 2
    report = json.loads(done.stdout)
    assert (report["command"], report["verdict"], report["exit_code"]) == (command, "invalid", 2)


@pytest.mark.parametrize("command", COMMANDS)
def test_an_unknown_format_is_refused_before_the_work(command: str, tmp_path: Path) -> None:
    done = agentctl(*COMMANDS[command], "--format", "jsn", cwd=tmp_path)
    assert_clean(done, 2)
    assert "json" in done.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_an_output_file_in_a_missing_folder_is_refused_before_the_work(command: str, tmp_path: Path) -> None:
    done = agentctl(*COMMANDS[command], "--output", "json=reports/out.json", cwd=tmp_path)
    assert_clean(done, 2)
    assert "reports" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["validate", "missing.yaml"],
        ["checklist", "missing"],
        ["checklist", "file.txt"],
        ["new", "agent", "--output-dir", "missing"],
        ["new", "agent", "--output-dir", "file.txt"],
        ["new", "../agent"],
        ["new", "file.txt/agent"],
        ["test", "--python", "missing/python"],
        ["loadtest", "--host", "http://127.0.0.1:9"],
        ["loadtest", "--host", "not a url", "--path", "/"],
        ["explain", "XX99"],
    ],
    ids=" ".join,
)
def test_a_wrong_path_or_value_is_a_usage_error(arguments: list[str], tmp_path: Path) -> None:
    (tmp_path / "file.txt").write_text("a file\n")
    done = agentctl(*arguments, cwd=tmp_path)
    assert_clean(done, 2)
    assert [path.name for path in tmp_path.iterdir()] == ["file.txt"]


@pytest.fixture
def small_project(tmp_path: Path) -> Path:
    """A project that is not generated: one module, one test, one environment file, names beyond ASCII."""
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "café"\nversion = "1.0"\n', encoding="utf-8")
    (tmp_path / "café.py").write_text(
        '"""Ein Modul: größer."""\n\n\ndef grüße() -> str:\n    return "ü"\n', encoding="utf-8"
    )
    tests = tmp_path / "tests"
    tests.mkdir()
    (tests / "test_one.py").write_text("def test_one():\n    assert 1 + 1 == 2\n")
    config = tmp_path / "config"
    config.mkdir()
    (config / "production.yaml").write_text(
        "environment: production\ndebug: false\nagents:\n  größe: {timeout: 0}\n", encoding="utf-8"
    )
    return tmp_path


LOCALES = {
    "C without UTF-8": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "ASCII streams": {"PYTHONIOENCODING": "ascii"},
    "Latin-1 streams": {"PYTHONIOENCODING": "latin-1"},
}


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("command", ["validate", "test", "checklist"])
def test_a_locale_without_utf8_loses_no_report(command: str, locale: str, small_project: Path) -> None:
    done = agentctl(*COMMANDS[command], cwd=small_project, **LOCALES[locale])
    assert_clean(done, 0, 1)
    assert done.stdout.strip()


@pytest.mark.parametrize("command", ["validate", "test", "checklist"])
def test_forty_columns_are_kept(command: str, small_project: Path) -> None:
    done = agentctl(*COMMANDS[command], cwd=small_project, COLUMNS="40")
    assert_clean(done, 0, 1)
    prose = [line for line in done.stdout.splitlines() if " " in line.strip() and "|" not in line]
    assert max(map(len, prose)) <= 40, max(prose, key=len)


@pytest.mark.parametrize("command", ["validate", "test", "checklist", "explain", "--help"])
def test_a_closed_pipe_is_silent(command: str, small_project: Path) -> None:
    child = subprocess.Popen(
        [sys.executable, "-m", "agentctl", *COMMANDS.get(command, [command])],
        cwd=small_project,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert child.stdout is not None
    child.stdout.close()
    _, said = child.communicate(timeout=120)
    assert b"Traceback" not in said
    assert b"BrokenPipe" not in said
    assert child.returncode in {141, 0, 1}
