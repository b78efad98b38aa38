"""Trees that nobody trusts: nothing of theirs is run, believed or passed on as it stands."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest

from agentctl import reporters
from agentctl.checklist import run, tree
from agentctl.checklist.policy import writing
from agentctl.cli.checklist import examined
from agentctl.errors import NoAnswerError, UsageError

AGENTCTL = Path(sys.executable).with_name("agentctl")
KEY = "sk-ant-api03-" + "Zq3Xv9Lm2Rt7Yw5Kp8Nd" * 2
OTHER = "ghp_" + "k9Tz4Qw7Lm2Xv8Rb5Nc1" * 2
HOSTILE = (
    "a\n::error file=x::pwned.py",
    "b\x1b[31mred\x1b]8;;http://evil\x07.py",
    "<script>alert(1)</script>.py",
    "`|](http://evil)**.py",
    "c\u202eyp.py",
    "--version.py",
    "%0A::error::d.py",
)


def git(root: Path, *arguments: str) -> None:
    quiet = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    subprocess.run([shutil.which("git"), *quiet, *arguments], cwd=root, check=True, capture_output=True)


def report(agent, **options: object):
    return run.check(agent.root, run.Options(**options), validation=examined(agent.root), validate=examined)


# ---------------------------------------------------------------- nothing of it is run


def test_nothing_of_the_tree_runs_whatever_it_is_called(agent, tmp_path) -> None:
    trap = tmp_path / "trap"
    code = f"import pathlib\npathlib.Path({str(trap)!r}).touch()\n"
    names = ("conftest", "setup", "sitecustomize", "usercustomize", "agentctl", "yaml", "typer", "jsonschema_rs", "noxfile",
             "agentctl/__init__", "agentctl/__main__", "agentctl/checklist/checks/mine", ".agentctl/checks", ".agentctl/extension")  # fmt: skip
    for name in names:
        agent.write(f"{name}.py", code)
    agent.edit(
        "pyproject.toml",
        "[build-system]",
        '[project.entry-points."agentctl.checks"]\nmine = "conftest"\n\n[build-system]',
    )
    for number in range(260):  # so many that a second process takes its share
        agent.write(f"shop_agent/parts/part_{number}.py", "X = 1\n")
    git(agent.root, "init", "-q", "-b", "main")
    git(agent.root, "add", "--force", ".")
    git(agent.root, "commit", "-q", "-m", "first")
    for hook in ("post-checkout", "post-index-change", "fsmonitor-watchman"):
        agent.write(f".git/hooks/{hook}", f"#!/bin/sh\ntouch {trap}\n")
        (agent.root / ".git" / "hooks" / hook).chmod(0o755)
    for key in (
        "core.fsmonitor",
        "filter.x.clean",
        "filter.x.smudge",
        "core.pager",
        "core.sshCommand",
        "alias.ls-files",
    ):
        git(agent.root, "config", key, f"touch {trap}")
    agent.write(".gitattributes", "* filter=x\n")
    command = [AGENTCTL, "checklist", ".", "--against", "HEAD", "--evidence", ".", "--report-only", "--format", "json"]
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, cwd=agent.root, env=kept, capture_output=True, text=True, check=False, timeout=300)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
    assert json.loads(done.stdout)["results"]
    assert not trap.exists()


# ---------------------------------------------------------------- nothing of it is believed


def test_what_the_tree_claims_is_replaced_by_a_policy(agent) -> None:
    agent.remove("tests")
    agent.write(
        ".agentctl/checklist.yaml",
        "profile: guide-3\nweights:\n  TS01: 0.001\nthresholds:\n  coverage: 0\n  annotations: 0\nbaseline: known.json\n"
        "waivers:\n  - id: TS01\n    reason: trust me\n    owner: me\n    expires: 2999-01-01\n",
    )
    agent.write("known.json", '{"schema": "urn:agentctl:schemas:baseline:1", "known": []}')
    agent.edit(
        "pyproject.toml",
        "[build-system]",
        "[tool.agentctl.checklist]\nexclude = ['shop_agent/*']\ncoverage_floor = 0\n\n[build-system]",
    )
    agent.record("test", figures={"coverage": 12.0})
    claimed, judged = report(agent), report(agent, policy=Path("none"))
    results = {result.id: result.verdict for result in judged.results}
    assert (claimed.exit_code, judged.exit_code) == (0, 1)
    assert (results["TS01"], results["TS02"]) == ("fail", "fail")
    assert len(results) == 76


def test_what_the_settings_of_a_tree_hide_is_told(agent) -> None:
    whole = {r.id: r.scope for r in agent.report(only=["SE07"]).results}
    agent.edit("pyproject.toml", "[build-system]",
               "[tool.agentctl.checklist]\nexclude = ['shop_agent/handlers', 'docs/*']\n\n[build-system]")  # fmt: skip
    hidden, judged = agent.report(only=["SE07"]), agent.report(only=["SE07"], policy=Path("none"))
    told = [note for note in hidden.notes if "leave out" in note]
    assert [note.partition(":")[0].rpartition(" ")[2] for note in told] == ["docs/*", "shop_agent/handlers"]
    assert "of them Python that it would ship" in told[1]
    assert "of them" not in told[0]
    assert "left out by the tree's own settings" in hidden.results[0].scope
    assert {r.id: r.scope for r in judged.results} == whole
    assert not any("leave out" in note for note in judged.notes)


def test_a_lying_pyproject_proves_nothing(project) -> None:
    project.write("pyproject.toml", '[project]\nname = "x"\nversion = "1"\ndependencies = ["slowapi", "tenacity", "structlog", "pybreaker", "hypothesis", "locust", "prometheus-client"]\nscripts = { x = "nowhere:main" }\n[tool.pytest.ini_options]\naddopts = "--cov --cov-fail-under=99"\n')  # fmt: skip
    project.write("x/__init__.py", "def run(a):\n    return a\n")
    passed = {id_ for id_, verdict in project.verdicts().items() if verdict == "pass"}
    assert passed <= {"SE02", "SE07"}


def test_records_of_a_tree_that_is_tracked_prove_little_in_every_item(agent) -> None:
    agent.run_everything()
    agent.write(".benchmarks/baseline.json", "{}")
    agent.write("benchmarks/baseline.json", '{"mean": 1}')
    agent.run_everything()
    git(agent.root, "init", "-q")
    git(agent.root, "add", "--force", ".")
    verdicts = agent.verdicts()
    assert {id_: verdicts[id_] for id_ in ("TS02", "TS08", "TS09")} == dict.fromkeys(("TS02", "TS08", "TS09"), "warn")


# ---------------------------------------------------------------- nothing of it is passed on as it stands


@pytest.fixture
def hostile(agent):
    """The example agent with hostile names, each of a file that is found to be wrong."""
    silent = "def quiet(x):\n    try:\n        eval(x)\n    except Exception:\n        pass\n"
    for number, name in enumerate(HOSTILE):
        (agent.root / "shop_agent" / name.replace("/", "\u2215")).write_text(
            silent if number % 2 else "def broken(:\n" + silent
        )
    return agent


def rendered(agent) -> dict[str, str]:
    whole = report(agent)
    return {name: reporters.get(name)(whole) for name in reporters.names() if name != "csv"}


def test_hostile_names_reach_no_terminal_runner_or_page(hostile) -> None:
    texts = rendered(hostile)
    assert any("pwned" in text for text in texts.values())
    for name, text in texts.items():
        assert "\x1b" not in text, name
        assert "\u202e" not in text or name == "json", name
    known = ("::error ", "::warning ", "::notice ", "agentctl checklist: shop-agent")
    assert [line for line in texts["github"].splitlines() if not line.startswith(known)] == []
    assert [
        line for name, text in texts.items() for line in text.splitlines() if line.lstrip().startswith("::error file=x")
    ] == []
    assert "<script>alert" not in texts["html"] + texts["markdown"] + texts.get("svg", "")


def test_the_page_holds_no_element_of_theirs(hostile) -> None:
    class Scripts(HTMLParser):
        inside: list[str]

        def handle_data(self, data: str) -> None:
            if self.cdata_elem == "script":
                self.inside.append(data)

    parser = Scripts()
    parser.inside = []
    parser.feed(rendered(hostile)["html"])
    assert [data for data in parser.inside if data.strip() == "alert(1)"] == []


def test_no_format_shows_a_secret_of_any_kind_of_file(agent) -> None:
    texts = {
        "shop_agent/keys.py": f'KEY = "{KEY}"\n',
        "config/settings.yaml": f"agent_id: x\napi_key: {KEY}\n",
        "config/agents/x-v1.yaml": f"agent_id: x-v1\nversion: 1.0.0\nllm_config:\n  api_key: {KEY}\n",
        "settings.json": json.dumps({"api_key": KEY, "agent_id": "y"}),
        "keys.toml": f'key = "{KEY}"\n',
        ".env": f"OPENAI_API_KEY={KEY}\nGITHUB_TOKEN={OTHER}\n",
        "docs/notes.md": f"Use {KEY} and {OTHER}.\n",
        "notebook.ipynb": json.dumps({"cells": [{"cell_type": "code", "source": [f"key = '{KEY}'"]}]}),
        "deploy.sh": f"export GITHUB_TOKEN={OTHER}\n",
        "Dockerfile": f"FROM python:3.12\nENV API_KEY={KEY}\nRUN curl -H 'Authorization: {OTHER}' http://x\n",
        "compose.yaml": f"services:\n  a:\n    environment:\n      API_KEY: {KEY}\n    command: run --token {OTHER}\n",
        ".github/workflows/more.yml": f"on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: pytest --key {KEY}\n",
        "Makefile": f"test:\n\tpytest --token {OTHER}\n",
        ".agentctl/checklist.yaml": f'waivers:\n  - id: DV06\n    reason: "key {KEY}"\n    owner: "{OTHER}"\n    expires: 2999-01-01\n',
    }  # fmt: skip
    for name, text in texts.items():
        agent.write(name, text)
    whole = report(agent)
    told = {result.id: result for result in whole.results}["SE02"]
    assert told.verdict == "fail"
    for name in reporters.names():
        if name != "csv":
            text = reporters.get(name)(whole)
            assert KEY not in text, name
            assert OTHER not in text, name


# ---------------------------------------------------------------- odd and large


def test_a_python_file_of_50_mb_is_told_and_not_read(agent) -> None:
    with (agent.root / "shop_agent" / "huge.py").open("wb") as stream:
        stream.truncate(50_000_000)
    whole = agent.report()
    assert any("shop_agent/huge.py (larger than 2 MB)" in note for note in whole.notes)
    assert {r.scope for r in whole.results if r.id == "CQ01"} == {"35 of 36 Python files, 1 did not parse"}


def test_notebooks_are_no_shipped_code(agent) -> None:
    before = agent.verdicts()
    agent.write(
        "explore.ipynb", json.dumps({"cells": [{"cell_type": "code", "source": ["import slowapi\n", "eval(x)"]}]})
    )
    assert agent.verdicts() == before


def test_more_files_than_are_looked_at_have_no_answer_from_a_part_of_them(agent, monkeypatch) -> None:
    monkeypatch.setattr(tree, "MAX_FILES", 10)
    with pytest.raises(NoAnswerError, match="more than the 10 that are looked at"):
        agent.report()
    agent.write("agentctl.toml", "[checklist]\nexclude = ['*.*']\n")
    assert agent.report(report_only=True).results


@pytest.mark.slow
def test_a_hundred_thousand_files_have_an_answer(project) -> None:
    for folder in range(100):
        (project.root / "data" / str(folder)).mkdir(parents=True)
        for number in range(1000):
            (project.root / "data" / str(folder) / f"{number}.txt").touch()
    project.write("agent/__init__.py", "def run() -> int:\n    return 1\n")
    assert len(project.report().results) == 76


def test_links_out_of_the_tree_bring_nothing_in(agent, tmp_path) -> None:
    outside = tmp_path / "outside"
    shutil.copytree(agent.root, outside)
    for name in ("tests", ".github"):
        shutil.rmtree(agent.root / name)
        (agent.root / name).symlink_to(outside / name)
    assert agent.verdicts()["TS01"] == "fail"


def test_a_state_folder_that_is_a_link_is_refused(agent, tmp_path) -> None:
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "checklist.yaml").write_text("profile: guide-3\n")
    (agent.root / ".agentctl").symlink_to(tmp_path / "theirs")
    with pytest.raises(UsageError, match="a link out of the tree"):
        agent.report()
    assert agent.report(policy=Path("none")).results


@pytest.mark.parametrize("name", ["../known.json", "{outside}"])
def test_a_policy_of_theirs_writes_no_file_outside_of_the_tree(agent, tmp_path, name: str) -> None:
    outside = tmp_path / "known.json"
    outside.write_text("mine")
    agent.write(".agentctl/checklist.yaml", f"baseline: {name.format(outside=outside)}\n")
    for wanted in (True, False):
        with pytest.raises(UsageError, match="lies outside of the tree"):
            agent.report(write_baseline=wanted)
    assert outside.read_text() == "mine"


def test_a_baseline_lies_beside_the_policy_that_was_handed_over(agent, tmp_path) -> None:
    agent.remove("tests")
    mine = tmp_path / "mine.yaml"
    mine.write_text("baseline: known.json\n")
    agent.write("known.json", "{}")
    assert agent.report(policy=mine, write_baseline=True).exit_code == 0
    assert json.loads((tmp_path / "known.json").read_text())["known"]


def test_nothing_is_written_through_a_state_folder_that_is_a_link(agent, tmp_path) -> None:
    (tmp_path / "theirs").mkdir()
    (agent.root / ".agentctl").symlink_to(tmp_path / "theirs")
    entry = {"id": "OB05", "reason": "because", "owner": "Ann", "expires": "2999-01-01"}
    with pytest.raises(UsageError, match="a link out of the tree"):
        writing.add(agent.root, "waivers", entry, file=None, today=datetime.now(UTC).date())
    assert list((tmp_path / "theirs").iterdir()) == []
