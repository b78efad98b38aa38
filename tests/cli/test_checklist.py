"""``agentctl checklist`` as a user runs it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"
AGENT = EXAMPLES / "checklist" / "agent"
WHOLE = EXAMPLES / "documents" / "agent" / "valid" / "whole.yaml"


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


# ---------------------------------------------------------------- policy, baseline, evidence, comparison


def git(root: Path, *arguments: str) -> None:
    quiet = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    subprocess.run([shutil.which("git"), *quiet, *arguments], cwd=root, check=True, capture_output=True)


def verdicts(done: subprocess.CompletedProcess[str]) -> dict[str, str]:
    return {result["id"]: result["verdict"] for result in json.loads(done.stdout)["results"]}


def test_a_waiver_is_written_told_and_counted(agent) -> None:
    shutil.rmtree(agent / "tests")
    words = ("--waive", "ts01", "--reason", "a demo", "--owner", "Ann", "--expires", "2999-01-01", "--ticket", "OPS-1")
    done = checklist(*words, "--format", "json", cwd=agent)
    report = json.loads(done.stdout)
    assert (done.returncode, report["subject"]) == (0, "TS01")
    assert report["summary"].endswith("in .agentctl/checklist.yaml:3")
    result = next(
        r for r in json.loads(checklist("--format", "json", cwd=agent).stdout)["results"] if r["id"] == "TS01"
    )
    assert (result["verdict"], result["beneath"]) == ("waived", "fail")
    assert verdicts(checklist("--policy", "none", "--format", "json", cwd=agent))["TS01"] == "fail"


def test_an_attestation_is_seen_today_unless_it_is_said(agent) -> None:
    words = (
        "--attest",
        "DV06",
        "--who",
        "Ann",
        "--until",
        "2999-01-01",
        "--link",
        "docs/go-live.md",
        "--note",
        "all of it",
    )
    assert checklist(*words, cwd=agent).returncode == 0
    assert verdicts(checklist("--format", "json", cwd=agent))["DV06"] == "attested"
    done = subprocess.run(
        [sys.executable, "-m", "agentctl", "validate"], cwd=agent, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--waive", "OB05"], "--reason and --owner and --expires must be given"),
        (["--waive", "OB05", "--attest", "OB05"], "one of them names the item"),
        (["--reason", "so"], "one of them names the item"),
        (["--waive", "OB05", "--reason", "because", "--owner", "a", "--expires", "2999-01-01", "--who", "b"], "--who does not go with it"),
        (["--attest", "DV06", "--who", "Ann", "--until", "2999-01-01", "--expires", "2999-01-01"], "--expires does not go with it"),
        (["gone", "--waive", "OB05", "--reason", "because", "--owner", "a", "--expires", "2999-01-01"], "no such folder"),
        (["--waive", "OB5", "--reason", "because", "--owner", "a", "--expires", "2999-01-01"], "did you mean OB0"),
        (["--waive", "OB05", "--reason", "because", "--owner", "a", "--expires", "2999-01-01", "--policy", "none"], "no file to write"),
        (["--baseline", "gone/known.json", "--write-baseline", "--only", "CQ"], "cannot be written"),
        (["--profile", "guide-7"], "--profile guide-7: unknown"),
        (["--tier", "gold"], "--tier gold: unknown"),
        (["--fail-on", "new"], "nothing to compare with"),
        (["--evidence", "gone"], "no such file or folder"),
        (["--policy", "gone.yaml"], "gone.yaml: cannot be read"),
        (["--baseline", "gone.json"], "gone.json: cannot be read"),
        (["--against", "HEAD"], "in no git repository"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told_and_changes_nothing(agent, arguments: list[str], words: str) -> None:
    done = checklist(*arguments, cwd=agent)
    assert (done.returncode, words in done.stderr, "Traceback" in done.stderr) == (2, True, False), done.stderr
    assert not (agent / ".agentctl").exists()


def test_a_baseline_is_written_and_read(agent) -> None:
    shutil.rmtree(agent / "tests")
    assert checklist("--baseline", "known.json", "--write-baseline", "-q", cwd=agent).returncode == 0
    assert checklist("--baseline", "known.json", cwd=agent).returncode == 0
    (agent / "requirements.lock").unlink()
    done = checklist("--baseline", "known.json", cwd=agent)
    assert (done.returncode, "new since known.json" in " ".join(done.stdout.split())) == (1, True)


def test_the_difference_to_a_revision_is_shown(agent) -> None:
    git(agent, "init", "-q")
    git(agent, "add", ".")
    git(agent, "commit", "-q", "-m", "first")
    shutil.rmtree(agent / "tests")
    done = checklist("--against", "HEAD", cwd=agent)
    assert (done.returncode, "Since HEAD" in done.stdout, "worse" in done.stdout) == (1, True, True)
    report = json.loads(checklist("--against", "HEAD", "--format", "json", cwd=agent).stdout)
    assert [series["name"] for series in report["series"]] == ["verified", "decided"]


def test_a_guide_is_told_line_by_line(agent) -> None:
    done = checklist("--profile", "guide-0", "--report-only", cwd=agent)
    assert (done.returncode, "Guide 0: " in done.stdout, "Container images built" in done.stdout) == (0, True, True)


def test_a_tier_is_a_gate(agent) -> None:
    assert checklist("--tier", "development", "-q", cwd=agent).returncode == 0
    done = checklist("--tier", "staging", "-q", cwd=agent)
    assert (done.returncode, "staging is 1 item away" in " ".join(done.stdout.split())) == (1, True)


@pytest.mark.parametrize("own", ['exclude = ["config/*"]', 'disable = { wrong-type = "it is fine" }', "", None])
def test_under_a_policy_of_ours_nothing_of_theirs_hides_a_configuration(agent, own) -> None:
    path = agent / "pyproject.toml"
    path.write_text(path.read_text() + f"\n[tool.agentctl.validate]\n{own or ''}\n")
    waived = "" if own is not None else "  # agentctl: disable=wrong-type it is fine"
    broken = WHOLE.read_text().replace("enabled: true\n", f"enabled: soon{waived}\n", 1)
    (agent / "config/agents").mkdir(parents=True, exist_ok=True)
    (agent / "config/agents/shop.yaml").write_text(broken)

    def verdict(*options: str) -> str:
        report = json.loads(checklist("--only", "CF01", "--format", "json", *options, cwd=agent).stdout)
        return report["results"][0]["verdict"]

    assert verdict("--policy", "none") == "fail"
    assert (verdict() == "fail") is (own == "")


def test_ci_judges_by_the_baseline_of_the_policy(agent) -> None:
    def ci() -> int:
        skipped = [part for step in ("validate", "test", "loadtest") for part in ("--skip", step)]
        command = [sys.executable, "-m", "agentctl", "ci", *skipped, "-q"]
        return subprocess.run(command, cwd=agent, capture_output=True, check=False, timeout=120).returncode

    shutil.rmtree(agent / "tests")
    assert ci() == 1
    (agent / ".agentctl").mkdir()
    (agent / ".agentctl" / "checklist.yaml").write_text("baseline: .agentctl/baseline.json\n")
    assert checklist("--write-baseline", "-q", cwd=agent).returncode == 0
    assert ci() == 0
