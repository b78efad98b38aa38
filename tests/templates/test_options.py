"""Every pair of values of all options, over all kinds: what is rendered, and what the checklist must say of it.

The rows come from the folders of ``templates/``: a new kind, option or value is in the matrix by being there.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from itertools import combinations, product
from pathlib import Path

import pytest
import yaml

from agentctl.validation import run as validation
from tests.templates.projects import CHOICES, KINDS, TEMPLATES, answered, covering, dangling, files, made, pairwise

ROWS = pairwise(CHOICES)
DEFAULT = next(iter(CHOICES["kind"]))
VERDICTS: dict[str, dict[str, str]] = {
    "ci/gitlab": {"DV05": "warn"},  # owners are named; that they must agree is a setting outside of the repository
    "ci/none": {"TS01": "warn", "TS04": "warn", "SE04": "unknown", "DP08": "unknown", "DV05": "warn", "AG03": "warn"},
    "deploy/docker": {"SE09": "warn", "SE11": "warn", "DP04": "warn", "DP05": "warn"},
    "deploy/none": {
        "SE09": "warn",
        "SE11": "warn",
        "PF04": "warn",
        "OB02": "warn",
        "DP03": "unknown",
        "DP04": "unknown",
        "DP05": "warn",
        "DP06": "unknown",
    },
}
"""Value → the items whose verdict it changes, and to what. Every other item has the verdict of the defaults."""


def labelled(row: dict[str, str]) -> str:
    return "-".join(row.values())


def test_every_pair_of_values_is_in_a_row():
    pairs = {pair for row in ROWS for pair in combinations(sorted(row.items()), 2)}
    for one, other in combinations(sorted(CHOICES), 2):
        for a, b in product(CHOICES[one], CHOICES[other]):
            assert ((one, a), (other, b)) in pairs
    assert len(ROWS) < 2 * len(CHOICES["kind"]) * max(len(values) for key, values in CHOICES.items() if key != "kind")


@pytest.mark.parametrize("row", ROWS, ids=labelled)
def test_a_row_is_clean(row, rendered):
    """Rendering compiles every file already; here are style, our own rules, and what files say about others."""
    project = rendered(**row)
    for arguments in (["check"], ["format", "--check"]):
        command = [sys.executable, "-m", "ruff", *arguments, "--no-cache", "."]
        done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
    report = validation.validate(
        project, [project / name for name in files(project) if name.endswith((".yaml", ".toml"))]
    )
    assert [str(one) for one in report.results if one.verdict.value != "pass"] == []
    assert dangling(project) == []


@pytest.mark.parametrize("row", ROWS, ids=labelled)
def test_the_answers_are_kept(row, rendered):
    about = json.loads((rendered(**row) / ".agentctl" / "template.json").read_text())
    assert about["kind"] == row["kind"]
    assert answered(row).items() <= about["answers"].items()
    for option in KINDS[row["kind"]].options:
        assert f"{option}/{row[option]}" in about["layers"]


@pytest.mark.parametrize("row", ROWS, ids=labelled)
def test_nothing_speaks_of_what_was_left_out(row, rendered):
    project = rendered(**row)
    words = {"kubernetes": (), "docker": ("kubectl", "kustomiz"), "none": ("kubectl", "kustomiz", "docker", "compose")}
    ci = {"github": ("gitlab", "glab "), "gitlab": ("github", "`gh "), "none": ("gitlab", "github")}
    absent = (*words[row["deploy"]], *ci[row["ci"]])
    pages = [name for name in files(project) if name.endswith(".md") and "/decisions/" not in name]
    texts = {name: (project / name).read_text(encoding="utf-8").lower() for name in pages}
    assert [(name, word) for name, text in texts.items() for word in absent if word in text] == []


WORDED = sorted({path.parts[-5] for path in (TEMPLATES / "options").glob("*/*/templates/*/words.md")})


@pytest.mark.parametrize("option", WORDED)
def test_values_of_one_option_say_the_same_things(option):
    """The words of each value have the same names, so that no page misses one."""
    found = {
        path.parts[-4]: set(re.findall(r"@% set (\w+) %@", path.read_text()))
        for path in (TEMPLATES / "options" / option).glob("*/templates/*/words.md")
    }
    assert set(found) == set(CHOICES[option])
    assert len({frozenset(words) for words in found.values()}) == 1, found


@pytest.mark.parametrize("option", WORDED)
def test_words_that_no_page_says_are_gone(option):
    pages = [
        path for path in TEMPLATES.rglob("*") if path.is_file() and path.suffix in {".md", ".yml", ".yaml", ".json"}
    ]
    texts = "".join(path.read_text(encoding="utf-8") for path in pages)
    (words, *_) = (TEMPLATES / "options" / option).glob("*/templates/*/words.md")
    names = re.findall(r"@% set (\w+) %@", words.read_text())
    assert [name for name in names if f"{option}.{name}" not in texts] == []


def test_no_two_options_bring_the_same_file():
    found: dict[str, set[str]] = {}
    for path in TEMPLATES.glob("options/*/*/@*/**/*"):
        if path.is_file() and "__pycache__" not in path.parts:
            option, _, _, *rest = path.relative_to(TEMPLATES / "options").parts
            found.setdefault("/".join(rest), set()).add(option)
    assert {name: options for name, options in found.items() if len(options) > 1} == {}


@pytest.mark.parametrize("licence", CHOICES["licence"])
def test_the_licence_is_the_one_that_is_named(licence, rendered):
    project = rendered(**next(row for row in ROWS if row["licence"] == licence))
    about = tomllib.loads((project / "pyproject.toml").read_text())["project"]
    text = (project / "LICENSE").read_text()
    assert about["license"] == licence
    assert about["authors"][0]["name"] in text
    title = {"Apache-2.0": "Apache License", "LicenseRef-Proprietary": "All rights reserved"}
    assert title.get(licence, licence.replace("-", " ").replace(" Clause", "-Clause")) in text


def workflows(project):
    """Return the jobs of GitHub's workflows by workflow."""
    paths = (project / ".github/workflows").glob("*.yml")
    return {path.stem: yaml.safe_load(path.read_text())["jobs"] for path in paths}


def jobs(project):
    """Return the commands of each job of CI, without what the two systems say differently."""
    if (project / ".gitlab-ci.yml").is_file():
        pipeline = yaml.safe_load((project / ".gitlab-ci.yml").read_text())
        found = {name: job["script"] for name, job in pipeline.items() if isinstance(job, dict) and "script" in job}
    else:
        every = [one for found in workflows(project).values() for one in found.items()]
        found = {name: [line for step in job["steps"] for line in commands(step)] for name, job in every}
    plain = re.compile(r"pipx run |pipx install |pip install |==\S+| --output \S+|:\$\S+( \{\{.*\}\})?| github\S+ }}")
    return {name: [plain.sub("", line).strip() for line in lines] for name, lines in found.items()}


def commands(step):
    return [step["run"]] if "run" in step else []


APART = {"release", "locks"}
"""Jobs that each system does with words of its own."""


@pytest.mark.parametrize("deploy", CHOICES["deploy"])
def test_gitlab_runs_what_github_runs(deploy, rendered):
    github, gitlab = (jobs(rendered(ci=ci, deploy=deploy)) for ci in ("github", "gitlab"))
    assert set(gitlab) == {*github, "pages"}
    assert {"outside", "locks"} <= set(github)
    assert ("release" in github, "deploy" in github) == (deploy != "none", deploy == "kubernetes")
    for name in set(github) - APART:
        said = " ".join(gitlab[name])
        told = [command for command in github[name] if not command.startswith("(umask")]  # GitLab brings files itself
        assert [command for command in told if command not in said] == []


def test_a_cluster_is_changed_when_a_person_agrees(rendered):
    job = workflows(rendered(ci="github"))["release"]["deploy"]
    assert (job["needs"], job["environment"], job["concurrency"]) == ("release", "production", "production")
    runs = [line for step in job["steps"] for line in commands(step)]
    assert runs[1:] == ["make deploy YES=1", 'python3 scripts/smoke.py --edge --wait 60 "$AGENT_URL"']
    pipeline = yaml.safe_load((rendered(ci="gitlab") / ".gitlab-ci.yml").read_text())
    (rule,) = pipeline["deploy"]["rules"]
    assert (rule["when"], pipeline["deploy"]["environment"]) == ("manual", "production")
    assert {job["stage"] for job in pipeline.values() if isinstance(job, dict) and "stage" in job} <= set(
        pipeline["stages"]
    )


@pytest.mark.parametrize("version", ["3.12", "3.14"])
def test_ci_tries_every_version_of_python_from_the_chosen_one_on(version, tmp_path):
    tried = sorted({"3.11", "3.12", "3.13", version} - {lower for lower in ("3.11", "3.12", "3.13") if lower < version})
    project = made(tmp_path, DEFAULT, python_version=version)
    assert workflows(project)["ci"]["check"]["strategy"]["matrix"]["python"] == tried
    required = json.loads((project / ".github/branch-protection.json").read_text())["required_status_checks"]
    assert required["contexts"][: len(tried)] == [f"check ({one})" for one in tried]


@pytest.mark.parametrize("ci", ["github", "gitlab"])
def test_servers_of_a_store_stand_beside_the_jobs_that_run_tests(ci, tmp_path):
    templates = Path(shutil.copytree(TEMPLATES, tmp_path / "templates"))
    part = templates / "options" / "ci" / ci / "templates" / "store"
    part.mkdir()
    (part / f"{ci}-services.yml").write_text(
        "postgres:\n  image: postgres:17\n" if ci == "github" else "- postgres:17\n"
    )
    (part / "variables.yml").write_text("STORE_URL: postgres://x\nOTHER: y\n")
    with pytest.MonkeyPatch.context() as patched:
        from agentctl.scaffold import kinds

        patched.setitem(KINDS, DEFAULT, kinds.find(DEFAULT, templates))
        project = made(tmp_path, DEFAULT, ci=ci)
    path = {"github": ".github/workflows/ci.yml", "gitlab": ".gitlab-ci.yml"}[ci]
    document = yaml.safe_load((project / path).read_text())
    jobs = document["jobs"] if ci == "github" else document
    assert jobs["check"]["services"] == ({"postgres": {"image": "postgres:17"}} if ci == "github" else ["postgres:17"])
    variables = jobs["check"]["env" if ci == "github" else "variables"]
    assert variables.items() >= {"STORE_URL": "postgres://x", "OTHER": "y"}.items()
    assert [
        name for name in ("ready", "security") if "services" in jobs[name]
    ] == []  # `agentctl test` closes the network


@pytest.mark.parametrize("thing", ["a tool", "a route", "a metric", "an alert", "a setting", "a table"])
def test_the_guide_for_agents_tells_how_it_is_added(project, thing):
    assert f"- **{thing.capitalize()}.**" in (project / "AGENTS.md").read_text()


def verdicts(project):
    command = [sys.executable, "-m", "agentctl", "checklist", "--format", "json", "--report-only"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    return {one["id"]: one["verdict"] for one in json.loads(done.stdout)["results"]}


@pytest.fixture(scope="module")
def standard(rendered):
    return verdicts(rendered())


@pytest.mark.parametrize(
    "value", [f"{key}/{value}" for key in KINDS[DEFAULT].options for value in CHOICES[key] if value != CHOICES[key][0]]
)
def test_a_value_gives_the_verdicts_that_it_must(value, standard, rendered):
    option, _, name = value.partition("/")
    found = verdicts(rendered(**{option: name}))
    assert {item: verdict for item, verdict in found.items() if verdict != standard[item]} == VERDICTS.get(value, {})


def test_every_value_with_verdicts_exists():
    assert set(VERDICTS) <= {f"{option}/{value}" for option, values in CHOICES.items() for value in values}


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        (
            "README.md",
            "[a](docs/none.md) [b](docs/architecture.md) [c](https://example.org/x)",
            "README.md: docs/none.md",
        ),
        ("docs/x.md", "see `deploy/none.yaml` and `docs/slo.md`", "docs/x.md: deploy/none.yaml"),
        (
            "my_agent/tests/unit/test_x.py",
            'PROJECT / "deploy" / "none.yaml"',
            "my_agent/tests/unit/test_x.py: deploy/none.yaml",
        ),
        ("Makefile", "setup:\n\tpip install -r requirements-none.lock", "Makefile: requirements-none.lock"),
        (".gitlab-ci.yml", "- make setup\n- make none", ".gitlab-ci.yml: make none"),
        ("Dockerfile", "COPY scripts/none.py .", "Dockerfile: scripts/none.py"),
    ],
)
def test_what_dangles_is_found(name, text, found, rendered, tmp_path):
    project = Path(shutil.copytree(rendered(), tmp_path / "project"))
    (project / name).write_text(text)
    assert found in dangling(project)


@pytest.fixture(scope="session")
def environments(tmp_path_factory):
    """Return a function that gives the environment of a project; the same locks share one."""
    known: dict[str, Path] = {}

    def environment(project):
        lock = (project / "requirements-dev.lock").read_bytes()
        key = hashlib.sha256(lock).hexdigest()
        if key not in known:
            folder = tmp_path_factory.mktemp("environment")
            subprocess.run([sys.executable, "-m", "venv", folder], check=True)
            install = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--require-hashes"]
            subprocess.run([*install, "--requirement", project / "requirements-dev.lock"], check=True, timeout=900)
            known[key] = folder
        return known[key]

    return environment


@pytest.fixture
def used(environments, rendered, tmp_path):
    """Return a function that copies a row's project and runs a module there, in the environment of its lock."""

    def copied(row):
        project = Path(shutil.copytree(rendered(**row), tmp_path / "my-agent"))
        python = environments(project) / "bin" / "python"
        kept = {key: os.environ[key] for key in os.environ if not key.startswith(("COV_", "COVERAGE_", "PYTEST_"))}

        def run(*arguments):
            command = [python, "-m", *arguments]
            environment = {**kept, "PYTHONPATH": str(project), "PIP_NO_INDEX": "1", "HTTPS_PROXY": "http://127.0.0.1:9"}
            return subprocess.run(
                command, cwd=project, env=environment, capture_output=True, text=True, check=False, timeout=900
            )

        return project, run

    return copied


@pytest.mark.matrix
@pytest.mark.index
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("row", ROWS, ids=labelled)
def test_a_row_is_typed(row, used):
    _project, run = used(row)
    for arguments in (["mypy"], ["mypy", "scripts"]):
        done = run(*arguments)
        assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]


@pytest.mark.matrix
@pytest.mark.index
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(
    "row", covering(ROWS, [key for key in CHOICES if key not in {"licence", "python_version"}]), ids=labelled
)
def test_every_value_passes_the_projects_own_tests(row, used):
    _project, run = used(row)
    done = run("pytest", "-q", "-p", "no:cacheprovider")
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]


@pytest.mark.matrix
@pytest.mark.index
@pytest.mark.timeout(1800)
def test_after_its_runs_nothing_more_is_left_open(kind, used, environments):
    """The bar for the defaults: every item passes, cannot be told by a machine, or is not about this kind."""
    project, _run = used({key: values[0] for key, values in CHOICES.items()} | {"kind": kind})
    (project / ".venv").symlink_to(environments(project))
    for arguments in (["validate"], ["test"], ["loadtest", "--serve", "--duration", "10s"]):
        command = [sys.executable, "-m", "agentctl", *arguments]
        environment = {**os.environ, "PYTHONPATH": str(project)}
        done = subprocess.run(
            command, cwd=project, env=environment, capture_output=True, text=True, check=False, timeout=900
        )
        assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    found = verdicts(project)
    left = {item: verdict for item, verdict in found.items() if verdict not in {"pass", "manual", "n/a"}}
    assert left == {}
