from __future__ import annotations

import pytest

from agentctl.checklist import checks, run
from agentctl.checklist.items import ITEMS
from agentctl.checklist.policy.figures import shares
from agentctl.errors import NoAnswerError, UsageError
from agentctl.results import Finding, Verdict


def finding(id_: str, verdict: str) -> Finding:
    return Finding(id=id_, verdict=Verdict(verdict), message="m")


def test_the_catalogue_has_every_item_once() -> None:
    assert len(ITEMS) == 76
    assert {item.mode for item in ITEMS.values()} == {"A", "E", "H", "M"}
    assert set(checks.all_checks()) <= set(ITEMS)


def test_weights_count_in_both_figures() -> None:
    verified, decided = shares(
        [finding("CQ01", "pass"), finding("TS02", "warn"), finding("TS08", "unknown"), finding("SE08", "n/a")]
    )
    assert verified.value == pytest.approx(100 * (3 + 1) / 6, abs=0.05)
    assert decided.value == pytest.approx(100 * 5 / 6, abs=0.05)


@pytest.mark.parametrize("verdict", ["unknown", "manual", "error", "waived"])
def test_what_is_open_stays_in_the_denominator(verdict: str) -> None:
    verified, decided = shares([finding("CQ01", "pass"), finding("CQ02", verdict)])
    assert (verified.value, decided.value) == (50, 50)


def test_without_anything_applicable_there_is_no_figure() -> None:
    assert [figure.value for figure in shares([finding("CQ01", "n/a")])] == [None, None]


def test_passes_are_yes_and_failures_are_no(agent) -> None:
    assert (agent.report().verdict, agent.report().exit_code) == ("pass", 0)
    agent.remove("tests")
    assert (agent.report().verdict, agent.report().exit_code) == ("fail", 1)


@pytest.mark.parametrize(("fail_on", "code"), [("fail", 0), ("warn", 0), ("unknown", 1)])
def test_fail_on_sets_the_bar(agent, fail_on: str, code: int) -> None:
    assert agent.report(fail_on=fail_on).exit_code == code


def test_a_warning_fails_when_asked(agent) -> None:
    agent.remove(".env.example")
    assert agent.report(fail_on="fail", only=["DP01"]).exit_code == 0
    assert agent.report(fail_on="warn", only=["DP01"]).exit_code == 1


def test_report_only_exits_zero_and_still_tells_the_verdict(agent) -> None:
    agent.remove("tests")
    report = agent.report(report_only=True)
    assert (report.verdict, report.exit_code) == ("fail", 0)


def test_nothing_decided_is_no_answer(agent) -> None:
    report = agent.report(only=["TS02", "TS08"])
    assert (report.verdict, report.exit_code) == ("invalid", 3)
    assert agent.report(only=["TS02"], report_only=True).exit_code == 3


def test_only_takes_items_and_families(agent) -> None:
    assert [r.id for r in agent.report(only=["ts02,CQ01"]).results] == ["CQ01", "TS02"]
    assert {r.id[:2] for r in agent.report(only=["SE"]).results} == {"SE"}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"only": ["TS0"]}, "no such item"),
        ({"fail_on": "never"}, "--fail-on never"),
        ({"profile": "guide-9"}, "--profile guide-9"),
    ],
)
def test_wrong_options_are_told(agent, options: dict[str, object], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        agent.report(**options)


def test_a_path_that_is_no_folder_is_told(agent) -> None:
    with pytest.raises(UsageError, match="no such folder"):
        run.check(agent.root / "missing")
    with pytest.raises(UsageError, match="not a folder"):
        run.check(agent.root / "README.md")


def test_a_profile_holds_the_items_of_its_guide(agent) -> None:
    asked = {r.id for r in agent.report(profile="guide-1").results}
    assert "TS07" in asked
    assert "OB03" not in asked


def test_a_crash_in_a_check_is_only_its_own_error(agent, monkeypatch) -> None:
    def crash(_facts, _ships):
        message = "oh"
        raise ValueError(message)

    broken = {**checks.all_checks(), "CQ01": crash}
    monkeypatch.setattr(checks, "all_checks", lambda: broken)
    report = agent.report()
    verdicts = {r.id: r.verdict for r in report.results}
    assert verdicts["CQ01"] == "error"
    assert verdicts["CQ02"] == "pass"
    assert report.exit_code == 3


def test_next_steps_are_the_heaviest_failures_first(agent) -> None:
    agent.remove("tests", "requirements.lock")
    steps = agent.report().next_steps
    assert len(steps) == 5
    assert steps[0].startswith("TS01 ")
    assert "agentctl explain TS01" in steps[0]


def test_a_next_step_is_named_once(project) -> None:
    project.write("a.ipynb", '{"cells": []}')
    steps = [step.partition(": ")[2].partition("  (")[0] for step in project.report().next_steps]
    assert len(steps) == len(set(steps)) == 5


def test_a_readme_that_says_nothing_is_told_plainly(agent) -> None:
    agent.write("README.md", "# Shop\n")
    assert agent.findings()["CQ05"].message.startswith("the README has no working install, run and test; ")
    agent.write("README.md", "# Shop\n\n```sh\npytest\n```\n")
    assert agent.findings()["CQ05"].message.startswith("the README has test but no working install and run; ")


def test_what_is_not_looked_at_is_told(project) -> None:
    for name in "abcde":
        project.write(f"{name}.py", "print 'hello'\n")
    project.write(".gitmodules", '[submodule "x"]\n\tpath = vendored/x\n\turl = ../x\n[submodule "y"]\n\tpath = y\n')
    project.write("y/there.txt", "checked out into a plain tree\n")
    notes = [note for note in project.report(only=["SE02"]).notes if "not looked at" in note]
    why = "(does not parse: SyntaxError)"
    assert notes == [
        f"5 Python files not looked at: a.py {why}, b.py {why}, c.py {why} and 2 more.",
        "1 git submodule not looked at: vendored/x.",
    ]


@pytest.mark.parametrize(
    "files",
    [
        {"compose.yaml": "services:\n  a:\n    image: shop:1\n", "README.md": "# Shop\n"},
        {"src/main.ts": "export const shop = 1\n" * 50, "README.md": "# Shop\n"},
        {"a.ipynb": '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}', "README.md": "# Shop\n"},
    ],
    ids=["configuration", "another language", "notebooks"],
)
def test_what_is_not_read_is_not_called_fit(project, files: dict[str, str]) -> None:
    for name, text in files.items():
        project.write(name, text)
    report = project.report()
    assert (report.exit_code, report.verdict.value) == (3, "invalid")
    assert report.summary.endswith("; too little is decided to call it fit")
    assert not [result.id for result in report.results if result.verdict.value == "fail"]
    assert project.report(report_only=True).exit_code == 0


def test_settings_set_the_floor_and_leave_files_out(agent) -> None:
    agent.edit(
        "pyproject.toml",
        "[build-system]",
        "[tool.agentctl.checklist]\ncoverage_floor = 80\nexclude = ['shop_agent/utils']\n\n[build-system]",
    )
    agent.record("test", figures={"coverage": 85.0})
    report = agent.report()
    assert {r.id: r.verdict for r in report.results}["TS02"] == "pass"
    assert any("leave out" in note and ": 3 files" in note for note in report.notes)


@pytest.mark.parametrize("text", ["[tool.agentctl\n", "[tool.agentctl.checklst]\nexclude = []\n"])
def test_broken_settings_are_refused(agent, text: str) -> None:
    agent.write("pyproject.toml", text)
    with pytest.raises(UsageError, match=r"pyproject\.toml"):
        agent.report()


def test_the_listing_claims_only_what_is_automated() -> None:
    report = run.listing()
    automated = {r.id for r in report.results if r.verdict == "pass"}
    assert automated == set(checks.all_checks())
    assert report.summary == f"{len(automated)} of 76 items of the catalogue are checked today"
    assert {r.id for r in report.results if r.verdict == "manual"} == {"OP05", "DV06"}


def test_the_report_says_what_the_repository_ships(agent) -> None:
    assert (
        agent.report()
        .notes[0]
        .startswith("This repository ships a service that serves its own routes: fastapi.FastAPI")
    )


def test_empty_tree_error_names_the_path(project) -> None:
    with pytest.raises(NoAnswerError, match="no file to look at"):
        project.report()
