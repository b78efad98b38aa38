"""``agentctl ci`` merges what the four commands say; none hides another."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest


def ci(project: Path, *arguments: str) -> tuple[int, dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-m", "agentctl", "ci", "--python", sys.executable, "--format", "json", *arguments],
        cwd=project,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done.returncode, json.loads(done.stdout)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small project that is not generated, with one test that passes."""
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "small"\nversion = "1.0"\n')
    (tmp_path / "small.py").write_text(
        '"""Adds."""\n\n\ndef add(a: int, b: int) -> int:\n    """Add."""\n    return a + b\n'
    )
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_small.py").write_text(
        "import sys; sys.path.insert(0, '.')\nfrom small import add\n\n\ndef test_add():\n    assert add(1, 2) == 3\n"
    )
    return tmp_path


def verdicts(report: dict[str, Any]) -> dict[str, str]:
    return {result["id"]: result["verdict"] for result in report["results"]}


def test_each_step_answers_and_the_report_holds_them_all(project: Path) -> None:
    code, report = ci(project)
    assert verdicts(report) == {"validate": "skipped", "test": "pass", "checklist": "fail", "loadtest": "skipped"}
    assert code == report["exit_code"] == 1
    assert [part["command"] for part in report["projects"]] == ["test", "checklist"]
    (project / "agentctl.toml").write_text("[test]\n")
    _, report = ci(project)
    assert verdicts(report)["validate"] == "pass"


def test_nothing_that_was_looked_at_is_no_yes(project: Path) -> None:
    code, report = ci(project, "--skip", "test", "--skip", "checklist")
    assert (code, report["verdict"]) == (3, "invalid")
    assert verdicts(report)["validate"] == "skipped"


def test_the_checklist_reads_the_record_of_the_test_step(project: Path) -> None:
    _, report = ci(project)
    checklist = report["projects"][-1]
    assert next(result["verdict"] for result in checklist["results"] if result["id"] == "TS02") == "pass"


def test_a_step_without_an_answer_hides_no_other(project: Path) -> None:
    (project / "tests" / "test_small.py").unlink()
    _, report = ci(project)
    assert verdicts(report)["test"] == "invalid"
    assert verdicts(report)["checklist"] == "fail"


def test_an_invalid_configuration_fails_the_whole(project: Path) -> None:
    (project / "config").mkdir()
    (project / "config" / "production.yaml").write_text("environment: production\ndebug: true\nagents: {}\n")
    code, report = ci(project, "--skip", "checklist")
    assert (code, verdicts(report)["validate"], verdicts(report)["checklist"]) == (1, "fail", "skipped")


@pytest.mark.parametrize("arguments", [["--skip", "lint"], ["--fail-on", "sometimes"]])
def test_a_wrong_option_is_refused_before_the_work(arguments: list[str], project: Path) -> None:
    code, report = ci(project, *arguments)
    assert (code, report["verdict"], report["projects"]) == (2, "invalid", [])
    assert not (project / ".agentctl").exists()
