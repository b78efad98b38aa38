"""``agentctl checklist`` as a user runs it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

AGENT = Path(__file__).parents[1] / "examples" / "checklist" / "agent"


@pytest.fixture
def agent(tmp_path) -> Path:
    return Path(shutil.copytree(AGENT, tmp_path / "shop-agent"))


def checklist(*arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "agentctl", "checklist", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd, timeout=120)


def test_the_report_is_json_with_places(agent) -> None:
    done = checklist(agent, "--format", "json")
    report = json.loads(done.stdout)
    assert (done.returncode, report["exit_code"], report["verdict"], report["subject"]) == (0, 0, "pass", "shop-agent")
    result = next(r for r in report["results"] if r["id"] == "SE01")
    assert result["verdict"] == "pass"
    assert result["evidence"][0]["path"] == "shop_agent/handlers/security.py"
    assert {figure["name"]: figure["value"] for figure in report["figures"]}.keys() == {"verified", "decided", "tier"}


def test_the_text_names_families_figures_and_next_steps(agent) -> None:
    done = checklist(cwd=agent)
    for words in ("Code quality", "Security", "verified", "decided", "Next steps", "agentctl test"):
        assert words in done.stdout


def test_configuration_is_validated_on_the_way(agent) -> None:
    (agent / "config").mkdir()
    (agent / "config" / "production.yaml").write_text("environment: production\nagents: 3\n")
    report = json.loads(checklist(agent, "--only", "CF01", "--format", "json").stdout)
    assert report["results"][0]["verdict"] == "fail"


def test_a_failure_exits_one_unless_only_reported(agent) -> None:
    shutil.rmtree(agent / "tests")
    assert checklist(agent).returncode == 1
    assert checklist(agent, "--report-only").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["missing"], 2, "no such folder"),
        (["README.md"], 2, "not a folder"),
        ([".", "--only", "TS99"], 2, "no such item"),
        ([".", "--only", "TS02,TS08"], 3, ""),
        (["empty"], 3, "no file to look at"),
    ],
)
def test_what_cannot_be_answered_is_told(agent, arguments: list[str], code: int, words: str) -> None:
    (agent / "empty").mkdir()
    done = checklist(*arguments, cwd=agent)
    assert (done.returncode, words in done.stderr, "Traceback" in done.stderr) == (code, True, False)


def test_the_list_tells_what_is_automated() -> None:
    done = checklist("--list")
    assert done.returncode == 0
    assert "of 76 items of the catalogue are checked today" in done.stdout
    assert "answered by a person" in done.stdout


def test_a_broken_pyproject_of_the_tree_ends_it_and_one_above_does_not(agent) -> None:
    (agent / "pyproject.toml").write_text("[[[")
    done = checklist(agent)
    assert (done.returncode, "pyproject.toml" in done.stderr) == (2, True)
    assert checklist(agent / "shop_agent", "--report-only").returncode == 0


def test_the_items_shown_are_counted(agent) -> None:
    report = json.loads(checklist(agent, "--format", "json").stdout)
    told = next(note for note in report["notes"] if "shown" in note)
    manual = sum(result["verdict"] == "manual" for result in report["results"])
    shown = len(report["results"])
    assert told.startswith(f"{shown} items of 76 shown: {shown - manual} looked up, {manual} for a person to answer")
