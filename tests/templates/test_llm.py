"""The llm kind: its pages, settings and suites say the same."""

from __future__ import annotations

import ast
import re
import tomllib

import pytest
import yaml

SERVED = {"deterministic", "openai", "anthropic", "gemini", "openai-compatible", "azure", "bedrock", "vertex"}
BESIDE_PROVIDERS = {"mcp", "pdf"}


@pytest.fixture(scope="module")
def llm(rendered):
    return rendered(kind="llm")


def settings_of(project):
    return tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["agentctl"]


def literals(path, name):
    """Return the strings of the ``Literal`` that annotates a field."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.AnnAssign) and getattr(node.target, "id", "") == name:
            return {part.value for part in ast.walk(node.annotation) if isinstance(part, ast.Constant)}
    return set()


def test_every_suite_is_known_to_agentctl_and_every_folder_of_tests_is_one(llm):
    suites = settings_of(llm)["test"]["suites"]
    folders = {path.name for path in (llm / "my_agent" / "tests").iterdir() if (path / "__init__.py").is_file()}
    assert set(suites) == folders - {"fixtures"}
    for name, suite in suites.items():
        assert suite["select"] == [f"my_agent/tests/{name}"]
        assert suite["network"] in {"none", "loopback"}
        assert suite["min_tests"] >= 1


def test_every_provider_is_documented_and_has_its_package(llm):
    assert literals(llm / "my_agent/config/llm_config.py", "provider") == SERVED
    page = (llm / "docs/agent.md").read_text(encoding="utf-8")
    assert {name for name in SERVED - {"deterministic"} if f"| `{name}`" not in page} == set()
    about = tomllib.loads((llm / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert set(about["optional-dependencies"]) == (SERVED | BESIDE_PROVIDERS) - {"deterministic", "openai-compatible"}


def test_it_answers_offline_until_a_model_is_configured(llm):
    config = yaml.safe_load((llm / "config/agents/my-agent-standard-v1.yaml").read_text(encoding="utf-8"))
    assert config["llm_config"]["provider"] == "deterministic"


def test_every_run_is_capped_in_every_environment(llm):
    caps = {"timeout", "model_timeout", "tool_timeout", "max_steps", "max_tool_calls", "max_run_tokens", "max_run_cost"}
    for path in llm.glob("config/*.yaml"):
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        if "agents" in document:
            assert caps <= set(document["agents"]["my_agent"]), path.name


def test_every_tool_is_described_and_audited_by_the_registry(llm):
    source = (llm / "my_agent/services/document_tools.py").read_text(encoding="utf-8")
    functions = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.AsyncFunctionDef)]
    tools = [function for function in functions if function.decorator_list]
    assert {function.name for function in tools} == {"search_documents", "read_document", "list_documents"}
    assert [function.name for function in tools if not ast.get_docstring(function)] == []


def test_nothing_but_the_adapter_and_the_providers_knows_pydantic_ai(llm):
    sources = (llm / "my_agent").rglob("*.py")
    found = {path.name for path in sources if "tests" not in path.parts and "pydantic_ai" in path.read_text()}
    assert found == {"pydantic_ai_model.py", "providers.py", "cloud_providers.py"}


def test_what_starts_does_not_load_pydantic_ai(llm):
    sources = [(llm / f"my_agent/services/{name}.py").read_text() for name in ("providers", "cloud_providers")]
    nodes = [node for source in sources for node in ast.parse(source).body]
    loaded = [node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {alias.name for node in loaded if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in loaded if isinstance(node, ast.ImportFrom)}
    assert [name for name in names if name.startswith(("pydantic_ai", "openai", "anthropic", "google"))] == []


@pytest.mark.parametrize("name", ["answers", "attacks"])
def test_evaluations_have_a_gate(llm, name):
    dataset = yaml.safe_load((llm / f"evals/{name}.yaml").read_text(encoding="utf-8"))
    assert 0.9 <= dataset["floor"] <= 1
    assert len(dataset["cases"]) >= 10
    assert len({case["name"] for case in dataset["cases"]}) == len(dataset["cases"])


@pytest.mark.parametrize("wanted", ["tool", "route", "metric", "alert"])
def test_a_newcomer_finds_where_to_add_things(llm, wanted):
    readme = (llm / "README.md").read_text(encoding="utf-8")
    table = readme.split("## Where to add")[1].split("\n## ")[0]
    (row,) = re.findall(rf"^\| {wanted} \| (.+) \|$", table, flags=re.MULTILINE)
    paths = [path for path in re.findall(r"`([\w./-]+)`", row) if "/" in path]
    assert paths
    assert [path for path in paths if not (llm / path).exists()] == []
