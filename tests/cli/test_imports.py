"""What starting may load: each package and each part more is time before the first word of every command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

AGENT = Path(__file__).parents[1] / "examples/documents/agent/valid/guide-3.yaml"
NEVER = {
    "rich",
    "jsonschema",
    "cookiecutter",
    "locust",
    "gevent",
    "pytest",
    "coverage",
    "pydantic",
    "click",
    "jinja2",
    "requests",
}
TYPER = {"typer", "annotated_doc", "shellingham"}  # typer and what it stands on

_PROGRAM = """\
import json, sys
from importlib.metadata import packages_distributions
from agentctl.cli.app import run
code = run(sys.argv[1:])
roots = {name.partition(".")[0] for name in sys.modules}
third = sorted((roots - sys.stdlib_module_names) & packages_distributions().keys() - {"agentctl", "_distutils_hack"})
print(json.dumps([code, third, sorted(name for name in sys.modules if name.startswith("agentctl."))]), file=sys.stderr)
"""


def loaded(agentctl, *arguments):
    """Return the third-party packages and the modules of ours that a command line loaded."""
    unmeasured = {"COVERAGE_PROCESS_CONFIG": "", "COVERAGE_PROCESS_START": ""}  # measuring loads what is looked for
    done = agentctl(*arguments, program=("-c", _PROGRAM), env=unmeasured)
    code, packages, modules = json.loads(done.stderr.splitlines()[-1])
    assert code == 0
    return set(packages), set(modules)


@pytest.fixture
def agent(tmp_path):
    (tmp_path / "agent.yaml").write_bytes(AGENT.read_bytes())
    return "agent.yaml"


def test_version_needs_typer_alone(agentctl):
    packages, modules = loaded(agentctl, "--version")
    assert packages <= TYPER
    assert {name.split(".")[1] for name in modules} == {"cli", "errors", "reporters"}


def test_help_needs_rich_besides(agentctl):
    packages, modules = loaded(agentctl, "--help")
    assert not packages & (NEVER - {"rich"})
    assert not {
        name for name in modules if name.startswith(("agentctl.documents", "agentctl.project", "agentctl.results"))
    }


def test_validate_of_a_valid_file_needs_typer_and_two_readers(agentctl, agent):
    packages, modules = loaded(agentctl, "validate", agent)
    assert not packages & NEVER
    assert packages - TYPER == {"jsonschema_rs", "yaml"}
    parts = {name.split(".")[1] for name in modules}
    assert parts == {
        "cli",
        "documents",
        "errors",
        "files",
        "project",
        "reporters",
        "resources",
        "results",
        "signals",
        "validation",
    }


def test_what_lies_beside_a_valid_file_is_read_but_not_explained(agentctl, tmp_path):
    folder = tmp_path / "config" / "agents"
    folder.mkdir(parents=True)
    (folder / "a.yaml").write_bytes(AGENT.read_bytes())
    (folder / "b.yaml").write_text(AGENT.read_text().replace("llm_config", "llm_conf"), encoding="utf-8")
    packages, _ = loaded(agentctl, "validate", "config/agents/a.yaml")
    assert packages - TYPER == {"jsonschema_rs", "yaml"}


def test_validate_of_settings_needs_no_yaml(agentctl, tmp_path):
    (tmp_path / "agentctl.toml").write_text("[test]\ncov_floor = 90\n", encoding="utf-8")
    packages, _ = loaded(agentctl, "validate", "agentctl.toml")
    assert packages - TYPER == {"jsonschema_rs"}
