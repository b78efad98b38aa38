from __future__ import annotations

import json
from dataclasses import replace
from xml.etree import ElementTree as ET

from reporters.samples import CHECKLIST, CI

from agentctl.reporters import github, gitlab, junit, sarif
from agentctl.results import Finding, Verdict

# A monorepo: the whole, with one finding that no project says, beside its two projects.
_EXPIRED = Finding(id="policy", verdict=Verdict.FAIL, message="a waiver has expired")
_PROJECTS = (replace(CHECKLIST, subject="services/a"), replace(CHECKLIST, subject="services/b"))
MONOREPO = replace(CHECKLIST, subject="shop", results=(*CHECKLIST.results, _EXPIRED), projects=_PROJECTS)


def test_what_the_projects_of_a_monorepo_say_is_not_said_again_of_the_whole():
    lines = github.render(MONOREPO).splitlines()

    assert sum("title=RL01" in line for line in lines) == 2
    assert sum("title=policy" in line for line in lines) == 1
    assert [issue["check_name"] for issue in json.loads(gitlab.render(MONOREPO))].count("policy") == 1


def test_each_project_is_a_run_and_the_whole_holds_what_is_left():
    runs = json.loads(sarif.render(MONOREPO))["runs"]

    assert [run["automationDetails"]["id"] for run in runs] == [
        "agentctl/checklist/shop/",
        "agentctl/checklist/services/a/",
        "agentctl/checklist/services/b/",
    ]
    assert [result["ruleId"] for result in runs[0]["results"]] == ["policy"]


def test_a_step_that_failed_is_told_by_its_own_findings():
    steps = tuple(Finding(id=part.command, verdict=part.verdict, message=part.summary) for part in CI.projects)
    left_out = Finding(id="test", verdict=Verdict.SKIPPED, message="left out by --skip")
    merged = replace(CI, results=(*steps, left_out))

    assert github.render(merged) == github.render(CI)
    assert sarif.render(merged) == sarif.render(CI)


def test_the_suites_of_projects_have_names_of_their_own():
    names = [
        suite.get("name")
        for suite in ET.fromstring(junit.render(MONOREPO))
        if suite.get("name").endswith("Reliability")
    ]

    assert names == ["checklist.Reliability", "checklist.services/a.Reliability", "checklist.services/b.Reliability"]
