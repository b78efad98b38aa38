"""Every kind: what its layers render to, looked at without installing it, then installed and run."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib

import pytest
import yaml

from agentctl.scaffold import answers, names, rendering
from tests.templates.projects import KINDS, TEMPLATES, files, made
from tests.templates.replicas import PACKAGE, clean

LONG = "a-name-for-an-agent-of-forty-characters1"  # names end at 40
EVERY_SUITE = {"unit", "integration", "e2e", "property", "performance", "security", "chaos", "load", "evals"}
ROOT = "@{cookiecutter.slug}@/"
CODE = f"{ROOT}@{{cookiecutter.package}}@/"
LOCKS = {f"{ROOT}requirements.lock", f"{ROOT}requirements-dev.lock"}
ENVIRONMENTS = {f"{ROOT}config/{name}.yaml" for name in ("development", "staging", "production", "load")}
SEAMS = {
    f"{CODE}models/permissions.py",
    f"{CODE}utils/kind_metrics.py",
    f"{CODE}config/kind_settings.py",
    f"{CODE}config/tier.py",
    f"{ROOT}config/tenants.yaml",
    f"{CODE}client/operations.py",
    f"{CODE}client/pieces.py",
}
"""Small files that a kind fills in: its permissions, settings, metrics, quotas, the operations of the client."""
OWN_PLACES = (
    {"cookiecutter.json", f"{ROOT}pyproject.toml", f"{ROOT}docs/requirements.md"} | LOCKS | ENVIRONMENTS | SEAMS
)
"""The files of the base that a kind may have of its own; those that repeat the base are held in step with it below."""
STANDARD_PARTS = ("models", "services", "handlers", "interfaces", "exceptions", "utils", "config", "tests")


def locked(path):
    return dict(re.findall(r"^([a-z0-9][a-z0-9.-]*)==(\S+)", path.read_text(), flags=re.MULTILINE))


def normal(requirement):
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=;~! ]", requirement)[0].lower())


def test_it_has_the_standard_layout(project, kind):
    package = project / "my_agent"
    assert [part for part in STANDARD_PARTS if not (package / part / "__init__.py").is_file()] == []
    folders = {path.name for path in (package / "tests").iterdir() if path.is_dir()}
    assert folders == EVERY_SUITE | {"fixtures"}


@pytest.mark.parametrize("name", ["ai", "Rechnungs Helfer 2", LONG])  # the rows of test_options.py are my-agent
def test_it_is_lint_clean_under_any_name(tmp_path, kind, name):
    project = made(tmp_path, kind, name)
    for arguments in (["check"], ["format", "--check"]):
        command = [sys.executable, "-m", "ruff", *arguments, "--no-cache", "."]
        done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("text", ['says "hi" \\ to $HOME', "ünïcödé 🤖", "it's {{ not }} a {% template %}"])
def test_free_text_stays_what_it_is(tmp_path, kind, text):
    project = made(tmp_path, kind, description=text, author=text)
    about = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert about["description"] == text
    assert about["authors"] == [{"name": text}]
    assert text in (project / "README.md").read_text(encoding="utf-8")


def test_plain_cookiecutter_renders_the_same(project, kind, tmp_path):
    """The layers, merged, are an ordinary template: nobody is bound to us."""
    values = answers.complete(KINDS[kind], names.checked("my-agent"), {})
    layers = KINDS[kind].chosen(values)
    rendering.merge(layers, tmp_path / "merged")
    context = {**values, "_jinja2_env_vars": layers[0].private["_jinja2_env_vars"]}
    (tmp_path / "merged" / "cookiecutter.json").write_text(json.dumps(context))
    environment = os.environ | {"HOME": str(tmp_path / "home"), "XDG_CONFIG_HOME": str(tmp_path / "home")}
    command = [
        sys.executable,
        "-m",
        "cookiecutter",
        str(tmp_path / "merged"),
        "--no-input",
        "--output-dir",
        str(tmp_path),
    ]
    subprocess.run(command, check=True, capture_output=True, env=environment)
    plain = tmp_path / "my-agent"
    assert files(plain) == files(project)
    assert [path for path in files(project) if (plain / path).read_bytes() != (project / path).read_bytes()] == []


def test_the_layers_ask_the_same_questions(kind):
    base, upper = (json.loads((TEMPLATES / layer / "cookiecutter.json").read_text()) for layer in ("base", kind))
    own = {"_description": "", "description": "", "_default": True, "_layers": []}
    assert base | own == upper | own


def layer_files(layer):
    found = (path.relative_to(TEMPLATES / layer) for path in (TEMPLATES / layer).rglob("*") if path.is_file())
    return {path.as_posix() for path in found if "__pycache__" not in path.parts}


def test_hardly_a_file_of_the_base_is_overwritten(kind):
    assert layer_files("base") & layer_files(kind) <= OWN_PLACES


def test_a_pyproject_of_its_own_only_adds_to_the_base(project, kind):
    values = answers.complete(KINDS[kind], names.checked("my-agent"), {})
    of_base = re.sub("@% include .* %@", "", (TEMPLATES / "base" / f"{ROOT}pyproject.toml").read_text())
    base = tomllib.loads(rendering.text(KINDS[kind], of_base, values))
    own = tomllib.loads((project / "pyproject.toml").read_text())
    assert set(base["project"]["dependencies"]) <= set(own["project"]["dependencies"])
    assert set(base.pop("dependency-groups")["dev"]) <= set(own.pop("dependency-groups")["dev"])
    suites, own_suites = (document["tool"]["agentctl"]["test"]["suites"] for document in (base, own))
    assert suites.items() <= own_suites.items()
    ignores, own_ignores = (document["tool"]["ruff"]["lint"].pop("per-file-ignores") for document in (base, own))
    assert ignores.items() <= own_ignores.items()
    for document in (base, own):
        del document["project"]["dependencies"], document["tool"]["agentctl"]
        document["project"].pop("optional-dependencies", None)
    assert base == own


@pytest.mark.parametrize("environment", sorted(ENVIRONMENTS))
def test_an_environment_of_its_own_only_adds_to_the_base(kind, environment):
    base = (TEMPLATES / "base" / environment).read_text()
    own = TEMPLATES / kind / environment
    assert not own.exists() or own.read_text().startswith(base)


@pytest.mark.parametrize(("lock", "group"), [("requirements.lock", ()), ("requirements-dev.lock", ("dev",))])
def test_the_locks_hold_every_dependency_with_hashes(project, lock, group):
    about = tomllib.loads((project / "pyproject.toml").read_text())
    extras = [line for lines in about["project"].get("optional-dependencies", {}).values() for line in lines]
    wanted = [
        *about["project"]["dependencies"],
        *extras,
        *(line for name in group for line in about["dependency-groups"][name]),
    ]
    pins = locked(project / lock)
    assert {normal(requirement) for requirement in wanted} - set(pins) == set()
    text = (project / lock).read_text()
    assert text.count("--hash=sha256:") >= len(pins)
    assert "://" not in text


def test_the_two_locks_agree(project):
    runtime, development = locked(project / "requirements.lock"), locked(project / "requirements-dev.lock")
    assert {name for name in runtime if development.get(name) != runtime[name]} == set()


def test_what_ci_compose_and_the_image_run_exists(project):
    workflow = yaml.safe_load((project / ".github/workflows/ci.yml").read_text())
    steps = [step["run"] for job in workflow["jobs"].values() for step in job["steps"] if "run" in step]
    targets = set(re.findall(r"^([a-z]+):", (project / "Makefile").read_text(), flags=re.MULTILINE))
    assert {step.removeprefix("make ") for step in steps if step.startswith("make ")} <= targets
    compose = yaml.safe_load((project / "compose.yaml").read_text())["services"]["agent"]
    assert compose["deploy"]["resources"]["limits"]
    image = (project / "Dockerfile").read_text()
    sources = [line.split()[1:-1] for line in image.splitlines() if line.startswith("COPY ") and "--from" not in line]
    assert [path for paths in sources for path in paths if not (project / path).exists()] == []
    assert "--require-hashes" in image
    assert re.search(r"^USER \d+$", image, flags=re.MULTILINE)
    assert "HEALTHCHECK" in image


@pytest.mark.slow
@pytest.mark.index
@pytest.mark.timeout(1200)
def test_it_sets_itself_up_and_passes_its_own_tests_offline(installed, kind, tmp_path_factory):
    project = installed(kind)
    types = {"MYPY_CACHE_DIR": str(tmp_path_factory.getbasetemp() / "types")}  # the kinds' packages are mostly the same

    def make(target, **more):
        command = [shutil.which("make") or "make", target, f"PYTHON={sys.executable}"]
        return subprocess.run(
            command, cwd=project, env=clean() | types | more, capture_output=True, text=True, check=False, timeout=600
        )

    assert PACKAGE not in make("setup").stdout  # nothing is done the second time
    offline = {"PIP_NO_INDEX": "1", "HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9"}
    for target in ("lint", "test"):
        done = make(target, **offline)
        assert done.returncode == 0, done.stdout + done.stderr
