"""What other pipelines include: the GitHub action, the GitLab template and the pre-commit hook, run as those run them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from agentctl import __version__

ROOT = Path(__file__).parents[1]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS = {step["name"]: step for step in ACTION["runs"]["steps"]}
GITLAB = ROOT / ".gitlab" / "ci" / "agentctl.gitlab-ci.yml"
COMMANDS = ["ci", "validate", "test", "loadtest", "checklist"]
BIN = Path(sys.executable).parent
PRE_COMMIT = shutil.which("pre-commit", path=f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}")

GOOD = '[tool.agentctl.test]\ncov_floor = 90\n\n[project]\nname = "orders"\nversion = "1"\n'
BAD = GOOD.replace("cov_floor", "cov_flor")
TESTED = """
[tool.agentctl.test]
cov_floor = 0
[project]
name = "orders"
version = "1"
"""


@pytest.fixture
def project(tmp_path):
    """Return a function that makes a project with these settings."""

    def make(settings):
        folder = tmp_path / "work space" / "orders"
        folder.mkdir(parents=True)
        (folder / "pyproject.toml").write_text(settings, encoding="utf-8")
        return folder

    return make


def _environment(**more):
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    pip = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_", "REQUESTS_"))}
    return {**kept, **pip, "CI": "true", **more}


# ---------------------------------------------------------------- GitHub


class Runner:
    """Runs the shell steps of the action as GitHub's runner does: files for outputs and the summary, inputs by environment."""

    def __init__(self, folder: Path, temporary: Path) -> None:
        self.folder = folder
        self.temporary = temporary
        self.temporary.mkdir()
        self.summary = self.temporary / "summary"
        self.outputs: dict[str, dict[str, str]] = {
            "python": {"python-path": sys.executable},
            "install": {"bin": str(BIN)},
        }

    def run(self, name: str, **inputs: str) -> subprocess.CompletedProcess:
        step = STEPS[name]
        script, output = self.temporary / f"{step['id']}.sh", self.temporary / f"{step['id']}.out"
        script.write_text(step["run"], encoding="utf-8")
        output.touch()
        self.summary.touch()
        done = subprocess.run(
            [shutil.which("bash"), "--noprofile", "--norc", "-eo", "pipefail", str(script)],
            cwd=self.folder,
            env=_environment(
                **{key: self._value(text, inputs) for key, text in step["env"].items()},
                RUNNER_TEMP=str(self.temporary),
                GITHUB_OUTPUT=str(output),
                GITHUB_STEP_SUMMARY=str(self.summary),
                GITHUB_ACTION_PATH=str(ROOT),
                GITHUB_ACTIONS="true",
            ),
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=280,
        )
        self.outputs[step["id"]] = dict(line.split("=", 1) for line in output.read_text(encoding="utf-8").splitlines())
        return done

    def _value(self, text: str, inputs: dict[str, str]) -> str:
        known = {f"inputs.{name}": inputs.get(name, one["default"]) for name, one in ACTION["inputs"].items()}
        known |= {
            f"steps.{step}.outputs.{name}": value for step, all_ in self.outputs.items() for name, value in all_.items()
        }
        found = re.fullmatch(r"\$\{\{ (\S+) \}\}", text)
        return known[found[1]] if found else text


@pytest.fixture
def runner(tmp_path):
    return lambda folder: Runner(folder, tmp_path / "runner")


def test_a_green_run_leaves_summary_reports_and_outputs(project, runner):
    action = runner(project(GOOD))
    done = action.run("Run agentctl", command="validate")

    assert (done.returncode, done.stderr.count("Traceback")) == (0, 0)
    assert action.outputs["run"]["exit-code"] == "0"
    reports = Path(action.outputs["run"]["reports"])
    assert {file.suffix for file in reports.iterdir()} == {".html", ".json", ".xml", ".sarif", ".svg", ".md"}
    assert json.loads((reports / "agentctl.json").read_text(encoding="utf-8"))["verdict"] == "pass"
    assert action.summary.read_text(encoding="utf-8").startswith("## ✅ agentctl validate")
    assert "::error" not in done.stdout


def test_settings_that_are_wrong_end_it_with_2_and_still_leave_everything(project, runner):
    action = runner(project(BAD))
    done = action.run("Run agentctl", command="validate")

    assert (done.returncode, action.outputs["run"]["exit-code"]) == (2, "2")
    assert "did you mean" in action.summary.read_text(encoding="utf-8")
    assert "::error title=agentctl validate::" in done.stdout


def test_an_agent_that_breaks_its_schema_is_a_no_with_its_place(project, runner):
    folder = project(GOOD)
    (folder / "agent.yaml").write_text("agent_id: 7\n", encoding="utf-8")
    action = runner(folder)
    done = action.run("Run agentctl", command="validate", arguments="--schema\nagent\nagent.yaml")

    assert done.returncode == 1
    assert re.search(r"^::error file=agent\.yaml,line=1", done.stdout, re.MULTILINE)
    sarif = json.loads((Path(action.outputs["run"]["reports"]) / "agentctl.sarif").read_text(encoding="utf-8"))
    assert sarif["runs"][0]["results"]


def test_ci_is_run_with_its_arguments_one_on_each_line(project, runner):
    folder = project(TESTED)
    (folder / "test_it.py").write_text("def test_it():\n    assert True\n", encoding="utf-8")
    action = runner(folder)
    done = action.run("Run agentctl", arguments=f"--skip=loadtest\r\n\n--skip\nchecklist\n--python\n{sys.executable}")

    assert (done.returncode, done.stdout) == (0, done.stdout), done.stderr
    report = json.loads((Path(action.outputs["run"]["reports"]) / "agentctl.json").read_text(encoding="utf-8"))
    assert [part["command"] for part in report["projects"]] == ["validate", "test"]
    assert list((folder / ".agentctl" / "records").glob("test-*.json"))


@pytest.mark.parametrize(
    "words", ["$(touch pwned)", "; touch pwned", "`touch pwned`", "&& touch pwned", "' \"; touch pwned #"]
)
def test_no_input_becomes_a_command(project, runner, words):
    folder = project(GOOD)
    action = runner(folder)

    assert action.run("Run agentctl", command="validate", arguments=words).returncode == 2
    assert action.run("Run agentctl", command=words).returncode == 2
    assert list(folder.parent.rglob("pwned")) == []


def test_another_command_is_refused(project, runner):
    done = runner(project(GOOD)).run("Run agentctl", command="new")

    assert done.returncode == 2
    assert done.stdout.startswith("::error title=agentctl::command is one of ci, ")


def test_an_option_of_pip_is_no_source(project, runner):
    action = runner(project(GOOD))
    done = action.run("Install agentctl", source="--requirement=elsewhere.txt")

    assert done.returncode == 2
    assert "no option of pip" in done.stdout


def test_a_python_that_is_too_old_is_told(project, runner, tmp_path):
    old = tmp_path / "old-python"
    old.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    old.chmod(0o755)
    action = runner(project(GOOD))
    action.outputs["python"]["python-path"] = str(old)

    done = action.run("Install agentctl")
    assert done.returncode == 2
    assert "::error title=agentctl::Python 3.11 or newer is needed" in done.stdout


@pytest.mark.index
@pytest.mark.slow
def test_the_action_installs_its_own_revision_with_the_versions_of_the_lock(project, runner):
    action = runner(project(GOOD))
    done = action.run("Install agentctl")
    assert done.returncode == 0, done.stdout + done.stderr

    bin_ = Path(action.outputs["install"]["bin"])
    frozen = subprocess.run(
        [bin_ / "python", "-m", "pip", "list", "--format=freeze"], capture_output=True, text=True, check=True
    ).stdout
    locked = (ROOT / "requirements" / "dev.txt").read_text(encoding="utf-8")
    assert f"agentctl=={__version__}" in frozen
    assert {line for line in frozen.splitlines() if line.startswith(("typer==", "rich==", "jsonschema=="))} <= set(
        re.findall(r"^\S+==\S+", locked, re.MULTILINE)
    )
    assert action.run("Run agentctl", command="validate").returncode == 0


def test_every_step_of_others_is_pinned_by_its_commit():
    used = [step["uses"] for step in ACTION["runs"]["steps"] if "uses" in step]

    assert len(used) == 5
    assert all(re.fullmatch(r"[\w-]+/[\w/-]+@[0-9a-f]{40}", one) for one in used)
    text = (ROOT / "action.yml").read_text(encoding="utf-8")
    assert len(re.findall(r"uses: \S+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", text, re.MULTILINE)) == 5


def test_no_expression_stands_in_a_script():
    scripts = [step["run"] for step in ACTION["runs"]["steps"] if "run" in step]

    assert len(scripts) == 2
    assert [script for script in scripts if "${{" in script] == []


def test_every_input_and_output_is_used_and_told():
    text = json.dumps(ACTION["runs"])

    assert [name for name in ACTION["inputs"] if f"inputs.{name}" not in text] == []
    assert all(one["description"] and isinstance(one["default"], str) for one in ACTION["inputs"].values())
    steps = {step["id"] for step in ACTION["runs"]["steps"] if "id" in step}
    assert {re.search(r"steps\.(\w+)\.", one["value"])[1] for one in ACTION["outputs"].values()} <= steps


def test_what_is_kept_is_kept_after_a_no_too():
    kept = [step for step in ACTION["runs"]["steps"] if "upload" in step.get("uses", "")]

    assert len(kept) == 3
    assert all("always()" in step["if"] for step in kept)
    records = STEPS["Keep the records for later jobs"]["with"]
    assert records["include-hidden-files"] is True  # .agentctl is hidden: without it nothing would be carried
    assert STEPS["Bring the records of earlier jobs"]["with"]["path"] == records["path"]


# ---------------------------------------------------------------- GitLab


def _template(**inputs):
    """Return the job of the template, its inputs filled in as GitLab does: in the text."""
    head, body = GITLAB.read_text(encoding="utf-8").split("\n---\n")
    asked = yaml.safe_load(head)["spec"]["inputs"].items()
    known = {name: inputs.get(name, one.get("default", "./agentctl.whl")) for name, one in asked}
    jobs = yaml.safe_load(re.sub(r"\$\[\[ inputs\.(\w+) \]\]", lambda found: known[found[1]], body))
    return jobs[known["job"]]


@pytest.fixture
def pip(tmp_path):
    """Return a folder with a python3 that makes environments which hold the agentctl of this one; pip is not asked."""
    folder = tmp_path / "programs"
    folder.mkdir()
    python = folder / "python3"
    python.write_text(
        f'#!/bin/sh\nmkdir -p "$3/bin"\nln -s "{BIN}/agentctl" "$3/bin/agentctl"\n'
        'printf \'#!/bin/sh\\necho "$@" >> "%s/asked"\\n\' "$3" > "$3/bin/python"\nchmod +x "$3/bin/python"\n',
        encoding="utf-8",
    )
    python.chmod(0o755)
    return folder


def _gitlab(folder, pip, shell="sh", **inputs):
    job = _template(**inputs)
    variables = {name: one["value"] if isinstance(one, dict) else str(one) for name, one in job["variables"].items()}
    return subprocess.run(
        [shell, "-c", "\n".join(job["script"])],
        cwd=folder,
        env={**_environment(), **variables, "PATH": f"{pip}:{os.environ['PATH']}"},
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_the_gitlab_job_says_yes_and_leaves_its_reports(project, pip, shell):
    folder = project(GOOD)
    done = _gitlab(folder, pip, shell, command="validate")

    assert done.returncode == 0, done.stderr
    for name in _template()["artifacts"]["reports"].values():
        assert (folder / name).is_file()
    assert (folder / "agentctl-reports" / "agentctl.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_the_gitlab_job_says_no_and_leaves_its_reports(project, pip):
    folder = project(GOOD)
    (folder / "agent.yaml").write_text("agent_id: 7\n", encoding="utf-8")
    done = _gitlab(folder, pip, command="validate", arguments="--schema agent agent.yaml")

    assert done.returncode == 1
    issues = json.loads((folder / "agentctl-reports" / "codequality.json").read_text(encoding="utf-8"))
    assert issues[0]["location"]["path"] == "agent.yaml"


@pytest.mark.parametrize("words", ["$(touch pwned)", "; touch pwned", "`touch pwned`", "*"])
def test_no_input_of_the_gitlab_job_becomes_a_command(project, pip, words):
    folder = project(GOOD)

    assert _gitlab(folder, pip, command="validate", arguments=words).returncode == 2
    assert _gitlab(folder, pip, source=f"-r {words}").returncode == 2
    assert not (folder / "pwned").exists()


def test_the_gitlab_job_carries_records_and_has_to_be_told_what_to_install():
    assert "services/orders/.agentctl/records/" in _template(directory="services/orders")["artifacts"]["paths"]
    assert _template()["artifacts"]["when"] == "always"
    head = yaml.safe_load(GITLAB.read_text(encoding="utf-8").split("\n---\n")[0])
    assert head["spec"]["inputs"]["command"]["options"] == COMMANDS
    assert "default" not in head["spec"]["inputs"]["source"]


# ---------------------------------------------------------------- pre-commit


def test_the_hook_calls_a_command_that_is_there(agentctl):
    hook = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))[0]
    done = agentctl(*hook["entry"].split()[1:], "no-such-file.yaml")

    assert hook["entry"].split()[0] == "agentctl"
    assert done.returncode == 2
    assert "no-such-file.yaml" in done.stderr


@pytest.mark.index
@pytest.mark.slow
@pytest.mark.skipif(PRE_COMMIT is None, reason="pre-commit is not installed")
def test_pre_commit_lets_good_files_through_and_stops_bad_ones(tmp_path):
    folder = tmp_path / "repository"
    folder.mkdir()

    def run(*command, cwd=folder):
        environment = {**os.environ, "PRE_COMMIT_HOME": str(tmp_path / "cache"), "GIT_CONFIG_GLOBAL": os.devnull}
        return subprocess.run(
            command, cwd=cwd, env=environment, capture_output=True, text=True, check=False, timeout=280
        )

    hooks = tmp_path / "agentctl"
    shutil.copytree(
        ROOT, hooks, ignore=shutil.ignore_patterns(".*cache", ".venv", ".git", ".hypothesis", "tests", "var")
    )
    for place in (folder, hooks):
        run("git", "init", "-q", cwd=place)
        run("git", "config", "user.email", "a@example.com", cwd=place)
        run("git", "config", "user.name", "a", cwd=place)
    run("git", "add", "-A", cwd=hooks)
    run("git", "commit", "-q", "-m", "hooks", cwd=hooks)
    revision = run("git", "rev-parse", "HEAD", cwd=hooks).stdout.strip()
    config = {"repos": [{"repo": str(hooks), "rev": revision, "hooks": [{"id": "agentctl-validate"}]}]}
    (folder / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    (folder / "pyproject.toml").write_text(GOOD, encoding="utf-8")
    (folder / "other.yaml").write_text("a: 1\n", encoding="utf-8")
    run("git", "add", "-A")

    done = run(PRE_COMMIT, "run", "--all-files")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Passed" in done.stdout

    (folder / "pyproject.toml").write_text(BAD, encoding="utf-8")
    run("git", "add", "-A")
    done = run(PRE_COMMIT, "run", "--all-files")
    assert done.returncode == 1
    assert "did you mean `cov_floor`" in done.stdout


# ---------------------------------------------------------------- the page that tells how

_PAGE = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
_EXAMPLES = [yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", _PAGE, re.DOTALL)]


def test_the_examples_use_inputs_that_are_there():
    jobs = [job for example in _EXAMPLES for job in example.get("jobs", {}).values()]
    steps = [step for job in jobs for step in job["steps"] if "agentctl@" in step.get("uses", "")]
    included = [one for example in _EXAMPLES for one in example.get("include", [])]
    inputs = yaml.safe_load(GITLAB.read_text(encoding="utf-8").split("\n---\n")[0])["spec"]["inputs"]

    assert len(steps) == 3
    assert {name for step in steps for name in step.get("with", {})} <= set(ACTION["inputs"])
    assert {ROOT / one["remote"].partition("/v0.1.0/")[2] for one in included} == {GITLAB}
    assert {name for one in included for name in one.get("inputs", {})} <= set(inputs)
    hooks = [hook["id"] for example in _EXAMPLES for repo in example.get("repos", []) for hook in repo["hooks"]]
    assert hooks == [
        hook["id"] for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    ]


def test_the_page_tells_every_input_with_its_default():
    told = dict(re.findall(r"^\| `([\w-]+)` \| (?:`(.*?)`)? ?\|", _PAGE, re.MULTILINE))

    assert told == {name: one["default"] for name, one in ACTION["inputs"].items()}
    inputs = yaml.safe_load(GITLAB.read_text(encoding="utf-8").split("\n---\n")[0])["spec"]["inputs"]
    assert [name for name in inputs if f"`{name}`" not in _PAGE.partition("## GitLab")[2]] == []
