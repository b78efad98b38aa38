"""CI and the protection of main, in step with the repository."""

import json
import re
import tomllib
from typing import Any

import pytest
import yaml

from ...config.settings import PROJECT
from ..e2e.test_chat_page import PICTURE

WORKFLOWS: dict[str, dict[Any, Any]] = {
    path.stem: yaml.load(path.read_text(), yaml.CSafeLoader)
    for path in sorted((PROJECT / ".github" / "workflows").glob("*.yml"))
}
JOBS: dict[str, dict[str, Any]] = {name: job for one in WORKFLOWS.values() for name, job in one["jobs"].items()}
STEPS: list[dict[str, Any]] = [step for job in JOBS.values() for step in job["steps"]]


def shown(name: str, job: dict[str, Any]) -> set[str]:
    """Return the names under which a job's checks are shown."""
    variants = job.get("strategy", {}).get("matrix", {}).get("python", [])
    return {f"{name} ({variant})" for variant in variants} or {name}


def test_main_is_protected_by_checks_that_exist() -> None:
    required = json.loads((PROJECT / ".github/branch-protection.json").read_text())["required_status_checks"]
    jobs = ((name, job) for name, job in WORKFLOWS["ci"]["jobs"].items() if not job.get("continue-on-error"))
    assert set(required["contexts"]) == {name for job in jobs for name in shown(*job)}


def test_every_version_of_python_that_may_run_it_is_tried() -> None:
    versions = JOBS["check"]["strategy"]["matrix"]["python"]
    about = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    assert about["requires-python"] == f">={versions[0]}"
    assert len(versions) == len(set(versions))
    assert any("matrix.python" in str(step) for step in JOBS["check"]["steps"])


def test_a_picture_of_the_chat_page_is_kept_when_its_test_fails() -> None:
    (kept,) = [step for step in JOBS["check"]["steps"] if "upload-artifact" in step.get("uses", "")]
    assert (kept["if"], PROJECT / kept["with"]["path"]) == ("failure()", PICTURE)


def test_what_a_change_touches_is_compared_with_where_it_goes() -> None:
    steps = JOBS["check"]["steps"]
    (look,) = [step for step in steps if step.get("run") == "make diffcover"]
    assert look["env"] == {"BASE": "origin/${{ github.base_ref }}"}
    assert steps.index(look) > [step.get("run") for step in steps].index("make test")
    assert {step["with"]["fetch-depth"] for step in steps if "checkout" in step.get("uses", "")} == {0}


@pytest.mark.parametrize("step", [step for step in STEPS if "uses" in step], ids=lambda step: step["uses"])
def test_what_others_wrote_is_pinned_to_a_commit(step: dict[str, Any]) -> None:
    assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", step["uses"])


@pytest.mark.parametrize("name", JOBS)
def test_a_job_has_an_end_and_says_what_it_may(name: str) -> None:
    assert JOBS[name]["timeout-minutes"] <= 20
    workflow = next(one for one in WORKFLOWS.values() if name in one["jobs"])
    assert "permissions" in workflow
    assert set(JOBS[name].get("needs", [])) <= set(workflow["jobs"]) or JOBS[name]["needs"] in workflow["jobs"]


def test_what_jobs_run_is_there() -> None:
    commands = " ".join(step["run"] for step in STEPS if "run" in step)
    targets = re.findall(r"^([a-z]+):", (PROJECT / "Makefile").read_text(), flags=re.MULTILINE)
    assert set(re.findall(r"\bmake ([a-z]+)", commands)) <= set(targets)
    scripts = re.findall(r"\bscripts/\w+\.py", commands)
    assert "scripts/smoke.py" in scripts
    assert [name for name in scripts if not (PROJECT / name).is_file()] == []


def test_the_trial_from_outside_has_what_the_script_reads() -> None:
    read = set(re.findall(r"\bSMOKE_[A-Z_]+", (PROJECT / "scripts" / "smoke.py").read_text()))
    (given,) = [step["env"] for step in JOBS["outside"]["steps"] if "env" in step]
    assert set(given) == read | {"AGENT_URL"}
    assert {name for name, value in given.items() if "secrets." in value} == {"SMOKE_TOKEN", "SMOKE_CLIENT_SECRET"}
    assert "schedule" in WORKFLOWS["outside"][True]  # YAML 1.1 reads the key `on` as true


def test_nothing_is_taken_on_the_day_of_its_release() -> None:
    updates = yaml.safe_load((PROJECT / ".github" / "dependabot.yml").read_text())["updates"]
    assert {update["cooldown"]["default-days"] for update in updates} == {7}
    assert "make lock" in [step.get("run") for step in JOBS["locks"]["steps"]]


def test_each_folder_with_an_owner_exists() -> None:
    lines = (PROJECT / ".github" / "CODEOWNERS").read_text().splitlines()
    rules = [line.split() for line in lines if line and not line.startswith("#")]
    assert rules[0][0] == "*"
    assert [path for path, *_ in rules[1:] if not (PROJECT / path.strip("/")).is_dir()] == []
    assert all(owners and all(owner.startswith("@") for owner in owners) for _, *owners in rules)
