"""TS02 and TS08: only a fresh record of a passing run proves anything."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest

from agentctl.checklist import run
from agentctl.results import Figure, Finding, Location, Report, Severity, Verdict


@pytest.mark.parametrize(
    ("coverage", "verdict", "words"),
    [
        (97.5, "pass", "97.5 %"),
        (90.0, "pass", "90.0 %"),
        (89.9, "fail", "89.9 %"),
        (None, "unknown", "measured no coverage"),
    ],
)
def test_coverage_against_the_floor(agent, coverage, verdict: str, words: str) -> None:
    agent.record("test", figures={"coverage": coverage})
    finding = agent.findings()["TS02"]
    assert (finding.verdict, words in finding.message) == (verdict, True)
    assert finding.evidence[0].path.startswith(".agentctl/records/test-")


def test_a_failing_test_run_fails(agent) -> None:
    agent.record("test", "fail", figures={"coverage": 99.0})
    assert agent.verdicts()["TS02"] == "fail"


def test_a_change_makes_a_record_stale(agent) -> None:
    agent.record("test", figures={"coverage": 99.0})
    agent.write("shop_agent/new.py", "x = 1\n")
    finding = agent.findings()["TS02"]
    assert finding.verdict == "unknown"
    assert "stale: 1 file changed since (shop_agent/new.py)" in finding.message


@pytest.mark.parametrize(
    ("verdict", "details", "expected"),
    [
        ("pass", {"bound": True, "health_only": False}, "pass"),
        ("pass", {"bound": True, "health_only": True}, "warn"),
        ("pass", {"bound": False}, "warn"),
        ("fail", {"bound": True}, "fail"),
        ("invalid", {"bound": True}, "unknown"),
    ],
)
def test_a_load_test_must_be_bound_and_drive_more_than_health(agent, verdict: str, details, expected: str) -> None:
    agent.record("loadtest", verdict, figures={"p95": 0.1}, **details)
    assert agent.verdicts()["TS08"] == expected


def test_a_load_test_tells_what_its_gates_measured(agent) -> None:
    gates = [{"text": "p95<800ms", "value": 0.1234, "unit": "s", "verdict": "pass"}]
    agent.record("loadtest", figures={"p95": 0.1234}, bound=True, gates=gates)
    assert "p95<800ms: 0.123 s" in agent.findings()["TS08"].message


def test_a_load_test_that_nobody_ran_is_named(agent) -> None:
    agent.write("locustfile.py", "from locust import HttpUser\n\n\nclass User(HttpUser):\n    pass\n")
    finding = agent.findings()["TS08"]
    assert (finding.verdict, finding.evidence[0].path) == ("unknown", "locustfile.py")


def test_records_that_came_with_the_tree_prove_little(agent) -> None:
    agent.run_everything()
    for command in (["init", "-q"], ["add", "--force", "."]):
        subprocess.run([shutil.which("git"), *command], cwd=agent.root, check=True)
    verdicts = agent.verdicts()
    assert (verdicts["TS02"], verdicts["TS08"]) == ("warn", "warn")


def test_what_is_no_record_proves_nothing(agent) -> None:
    agent.write(".agentctl/records/test-20990101000000-1-000.json", json.dumps({"coverage": 100}))
    assert agent.verdicts()["TS02"] == "unknown"


def validation(*findings: Finding, files: int = 3, verdict: Verdict = Verdict.PASS) -> Report:
    figures = (Figure(name="files", value=files),)
    return Report(
        command="validate", verdict=verdict, exit_code=0, summary="checked", results=findings, figures=figures
    )


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        (None, "n/a"),
        (validation(files=0), "n/a"),
        (validation(), "pass"),
        (validation(Finding(id="a", verdict=Verdict.WARN, severity=Severity.WARNING, message="m")), "pass"),
        (validation(Finding(id="a", verdict=Verdict.FAIL, message="m", evidence=(Location(path="c.yaml", line=3),))), "fail"),
        (validation(verdict=Verdict.INVALID), "unknown"),
    ],
)  # fmt: skip
def test_configuration_is_judged_by_the_validation_handed_in(agent, report: Report | None, expected: str) -> None:
    found = {r.id: r for r in run.check(agent.root, validation=report).results}["CF01"]
    assert found.verdict == expected
