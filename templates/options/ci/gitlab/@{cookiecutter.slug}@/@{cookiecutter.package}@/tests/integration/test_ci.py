"""CI and the owners of the code, in step with the repository."""

import re
import tomllib
from typing import Any

import pytest
import yaml

from ...config.settings import PROJECT
from ..e2e.test_chat_page import PICTURE

PIPELINE: dict[str, Any] = yaml.safe_load((PROJECT / ".gitlab-ci.yml").read_text())
APART = ("workflow", "default")
JOBS: dict[str, dict[str, Any]] = {
    name: job for name, job in PIPELINE.items() if isinstance(job, dict) and "script" in job and name not in APART
}


@pytest.mark.parametrize("name", JOBS)
def test_every_job_has_a_stage_and_waits_for_jobs_that_exist(name: str) -> None:
    assert JOBS[name]["stage"] in PIPELINE["stages"]
    assert set(JOBS[name].get("needs", [])) <= set(JOBS)


def test_every_version_of_python_that_may_run_it_is_tried() -> None:
    (matrix,) = JOBS["check"]["parallel"]["matrix"]
    about = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    assert about["requires-python"] == f">={matrix['PYTHON'][0]}"
    assert JOBS["check"]["image"] == "python:$PYTHON-bookworm"


def test_a_picture_of_the_chat_page_is_kept_when_its_test_fails() -> None:
    check = JOBS["check"]
    assert "chromium" in check["script"][0]
    assert [PROJECT / path for path in check["artifacts"]["paths"]] == [PICTURE]


def test_what_a_change_touches_is_compared_with_where_it_came_from() -> None:
    script = JOBS["check"]["script"]
    (look,) = [command for command in script if "make diffcover" in command]
    assert look.endswith('make diffcover BASE="$CI_MERGE_REQUEST_DIFF_BASE_SHA"')
    assert script.index(look) > script.index("make test")
    assert PIPELINE["variables"]["GIT_DEPTH"] == "0"
    assert JOBS["upcoming"]["allow_failure"] is True


@pytest.mark.parametrize("name", ["outside", "locks"])
def test_what_the_clock_starts_runs_where_it_was_set_up(name: str) -> None:
    (rule,) = JOBS[name]["rules"]
    condition, _, variable = rule["if"].partition(" && $")
    assert condition == '$CI_PIPELINE_SOURCE == "schedule"'
    assert f"${variable}" in " ".join(JOBS[name]["script"])
    assert condition in [rule["if"] for rule in PIPELINE["workflow"]["rules"]]


def test_what_is_made_by_hand_is_made_here() -> None:
    targets = re.findall(r"^([a-z]+):", (PROJECT / "Makefile").read_text(), flags=re.MULTILINE)
    commands = [command for job in JOBS.values() for command in job["script"]]
    assert {command.split()[1] for command in commands if command.startswith("make ")} <= set(targets)
    scripts = re.findall(r"\bscripts/\w+\.py", " ".join(commands))
    assert "scripts/smoke.py" in scripts
    assert [name for name in scripts if not (PROJECT / name).is_file()] == []
    assert {"validate", "test", "loadtest", "checklist"} <= {
        command.split()[1] for command in commands if command.startswith("agentctl ")
    }


def test_reports_are_those_that_were_written() -> None:
    ready = JOBS["ready"]
    written = set(re.findall(r"=(reports/[\w.]+)", " ".join(ready["script"])))
    reports = ready["artifacts"]["reports"]
    assert {reports["junit"], *reports["codequality"]} <= written
    assert set(re.findall(r"cp (\S+)", " ".join(JOBS["pages"]["script"]))) <= written


def test_each_folder_with_an_owner_exists() -> None:
    lines = (PROJECT / ".gitlab/CODEOWNERS").read_text().splitlines()
    rules = [line.split() for line in lines if line and not line.startswith("#")]
    assert rules[0][0] == "*"
    assert [path for path, *_ in rules[1:] if not (PROJECT / path.strip("/")).is_dir()] == []
    assert all(owners and all(owner.startswith("@") for owner in owners) for _, *owners in rules)
