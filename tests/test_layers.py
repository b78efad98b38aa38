"""The layers of the house, as import-linter sees them, and what it cannot express."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
RUNTIME = sorted((ROOT / "agentctl" / "runtime").rglob("*.py"))
OTHERS = sorted(path for path in (ROOT / "agentctl").rglob("*.py") if path not in RUNTIME)


def _imports(path):
    """Yield the dotted names that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")


def test_imports_go_downward_only():
    program = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"
    done = subprocess.run(
        [sys.executable, "-c", program, "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


def test_the_runtime_is_there():
    assert RUNTIME


@pytest.mark.parametrize("path", RUNTIME, ids=lambda path: path.name)
def test_the_runtime_imports_the_standard_library_its_siblings_and_the_tool_it_plugs_into(path):
    siblings = {other.stem for other in RUNTIME}
    allowed = siblings | {"pytest", "coverage"}  # a plug-in of these runs where they are installed
    roots = {name.partition(".")[0] for name in _imports(path)}

    assert roots <= set(sys.stdlib_module_names) | allowed


@pytest.mark.parametrize("path", RUNTIME, ids=lambda path: path.name)
def test_the_runtime_is_written_in_python_3_9(path):
    ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 9))


def test_nothing_imports_the_runtime():
    found = [path for path in OTHERS if any(name.startswith("agentctl.runtime") for name in _imports(path))]

    assert found == []


def test_no_command_loads_a_heavy_package_before_it_needs_it():
    modules = [f"agentctl.{part}.run" for part in ("scaffold", "validation", "testing", "loadtesting", "checklist")]
    code = (
        "import sys, importlib; before = set(sys.modules); [importlib.import_module(name) for name in sys.argv[1:]];"
        "heavy = {'cookiecutter', 'jsonschema', 'coverage', 'locust', 'gevent', 'pytest', 'rich', 'typer'};"
        "print(sorted(heavy & {name.partition('.')[0] for name in set(sys.modules) - before}))"
    )
    done = subprocess.run([sys.executable, "-c", code, *modules], capture_output=True, text=True, check=True, cwd=ROOT)

    assert done.stdout == "[]\n"
