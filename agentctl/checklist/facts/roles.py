"""Which part of a tree a file belongs to: what is shipped, and what only stands beside it."""

from __future__ import annotations

import re
from functools import lru_cache

SHIPPED, TEST, EXAMPLE, VENDORED, TOOLING = "shipped", "test", "example", "vendored", "tooling"

_TESTS = {
    "test", "tests", "testing", "unittest", "unittests", "e2e", "__tests__", "integtest", "integtests", "inttests",
    "tests_integration", "tests_e2e", "tests_unit", "tests_functional",
}  # fmt: skip
_EXAMPLES = {
    "example", "examples", "sample", "samples", "demo", "demos", "doc", "docs", "notebooks", "notebook", "cookbook",
    "cookbooks", "tutorial", "tutorials", "benchmark", "benchmarks", "benchmark_data", "benchmark_results", "evals",
    "eval", "evaluation", "evaluations", "playground", "quickstart", "legacy", "templates",
}  # fmt: skip
_VENDORED = {"vendor", "vendored", "_vendor", "third_party", "thirdparty", "external", "extern", "node_modules"}
_TOOLING = {"scripts", "script", "ci", "hack", "bin", "dev", "misc", "infra", "deploy", "deployment", "terraform"}
_TOOL_FILES = {
    "setup.py", "noxfile.py", "tasks.py", "fabfile.py", "conftest.py", "locustfile.py", "run_test.py", "run_tests.py",
    "runtests.py", "run_mutmut.py", "run_coverage.py", "run_lint.py",
}  # fmt: skip
_EXAMPLE_FOLDER = re.compile(r"^(demo|example|sample)s?[_-]|[_-](demo|example|sample)s?$")
_EVALUATION_FOLDER = re.compile(r"[_-](eval|evaluation)s?$|^community[_-](use_?case|example|demo|project)s?$")
_TEST_FOLDER = re.compile(r"(^|_)tests?$")
_TEST_FILE = re.compile(r"(test_.*|.*_test|tests|conftest)\.py$")


def role(path: str) -> str:
    """Return the role of a file by its place; conventions of the field, not the words in it."""
    folder, _, name = path.rpartition("/")
    of_folder = _of_folder(folder)
    if of_folder != VENDORED and _TEST_FILE.match(name):
        return TEST
    if of_folder == SHIPPED and ((not folder and name in _TOOL_FILES) or name == "locustfile.py"):
        return TOOLING
    return of_folder


def is_named_example(path: str) -> bool:
    """Return whether a folder's or a project's own name says that it is an example: ``chat-demo``, ``samples_rag``."""
    return any(map(_EXAMPLE_FOLDER.search, path.lower().split("/")))


@lru_cache(maxsize=10_000)
def _of_folder(folder: str) -> str:
    """Return the role of what a folder holds."""
    folders = folder.lower().split("/") if folder else []
    if any(part in _VENDORED for part in folders):
        return VENDORED
    if any(part in _TESTS or _TEST_FOLDER.search(part) for part in folders):
        return TEST
    if folders[-2:] == ["features", "steps"]:  # of journeys in Gherkin
        return TEST
    # A first folder such as `demo_agent` is the project's own package, whatever it is called.
    named = [part for place, part in enumerate(folders) if place or not part.isidentifier()]
    if any(part in _EXAMPLES or _EVALUATION_FOLDER.search(part) for part in folders):
        return EXAMPLE
    if any(map(_EXAMPLE_FOLDER.search, named)):
        return EXAMPLE
    hidden = bool(folders) and folders[0].startswith(".")
    migrations = "migrations" in folders or ("alembic" in folders and "versions" in folders)
    top_tool = bool(folders) and folders[0] in _TOOLING
    return TOOLING if hidden or migrations or top_tool else SHIPPED
