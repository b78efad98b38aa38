"""TS: testing."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from agentctl.checklist import frameworks
from agentctl.checklist.answer import Answer, counted, failed, passed, place, places, unknown, weak
from agentctl.checklist.facts import roles
from agentctl.checklist.facts.deploy import Step
from agentctl.checklist.facts.index import Facts
from agentctl.checklist.facts.model import Function, Module
from agentctl.checklist.ships import Ships
from agentctl.results import Location

_FAKE_IT = "fake the model and the network in tests"
_FAKING = frozenset({"monkeypatch", "mocker", "respx_mock", "httpx_mock", "requests_mock",
                     "aioresponses", "vcr", "httpserver"})  # fmt: skip
_WHOLE = re.compile(
    r"pytest(\s+-\S+(\s+[\w.=]+)?)*\s*(?P<where>\.|tests/?)?\s*$|-m unittest( discover)?\s*$|(tox|nox)\b"
)
_PATCHER = ("?monkeypatch.", "pytest.MonkeyPatch().")
_OF_PROCESS = frozenset({"setenv", "delenv", "chdir", "syspath_prepend", "delitem", "undo"})  # what a patcher does
_STAND_IN = re.compile(r"_?(fake|stub|mock|mocked|dummy|scripted)_")
COLLECTED = re.compile(r"(^|/)(test_[^/]*|[^/]*_test|tests)\.py$")


def ts01(facts: Facts, _ships: Ships) -> Answer:
    """Is there a suite of unit tests of its own code that CI runs?

    Why: every guide's testing strategy starts with unit tests.
    Counts: test functions that assert something in files that import own code; a CI job on push or pull request
    that runs them and may fail (make targets are followed).
    Does not count: empty test files, evaluation scripts, a job that only runs by hand or ends in ``|| true``. A test
    that calls own code without an assertion that is known only warns: what it calls may assert; and so do tests that
    reach what is served from outside.
    Closed: for the tests (every Python file is looked at), and for CI where a definition stands in the tree.
    Mend: write tests under tests/unit and run ``pytest`` in a workflow on pull requests.
    """
    tests = test_functions(facts)
    calling = [] if tests else _calling_own(facts)
    if calling:
        return weak(f"{counted(calling, 'test function')} run own code, none with an assertion that is known",
                    "assert what own code returns", places(calling))  # fmt: skip
    outside = [] if tests else _from_outside(facts)
    if outside:
        return weak(f"{counted(outside, 'test')} reach it from outside, none uses own code",
                    "write unit tests, for example tests/unit/test_agent.py", places(outside))  # fmt: skip
    if not tests:
        return failed("no test function that asserts something about own code was found",
                      "write unit tests, for example tests/unit/test_agent.py")  # fmt: skip
    run = [step for step in facts.ci if runs_tests(step.text) and step.changes and step.binding]
    words = f"{counted(tests, 'test function')} in {counted({test.path for test in tests}, 'file')}"
    if run:
        return passed(f"{words}, run by CI on changes", [place(run[0]), *places(tests[:3])])
    why = "CI does not run them on every change" if facts.ci_files else "no CI definition stands in the repository"
    return weak(f"{words}, but {why}", "run the tests in CI on push and pull request", places(tests[:3]))


def ts06(facts: Facts, _ships: Ships) -> Answer:
    """Do tests isolate what is outside behind fakes, recordings or a model for tests?

    Why: guide 0 "Mock external dependencies", guides 2 and 4.
    Counts: unittest.mock, monkeypatch, respx, vcr, a framework's test model and the like, used in asserting tests; own
    classes and fixtures that are named for a fake.
    Does not count: a library that is only declared; setting only variables, the folder or what can be imported. Fakes
    in less than one file in ten warn, and so do stores in memory or in containers where nothing is faked.
    Closed: never.
    Mend: put a deterministic model behind the interface and use it in every unit test.
    """
    standing = [m for m in facts.tests if m.path.endswith("conftest.py") or asserting(facts, m)]
    faked = facts.used(frameworks.FAKES, standing)
    surroundings = _in_other_surroundings(facts)
    patched = [
        Location(path=f.path, line=f.line, symbol=f.name)
        for f in test_functions(facts)
        if not _FAKING.isdisjoint(p.name for p in f.parameters) and f.name not in surroundings
    ]
    doubles = [
        place(k) for m in facts.tests for k in m.classes if re.match(r"_?(Fake|Stub|Mock|Dummy|Scripted)", k.short)
    ]
    stand_ins = [f for m in facts.tests for f in m.functions if _STAND_IN.match(f.short) and _is_fixture(f)]
    asked = {p.name for f in test_functions(facts) for p in f.parameters} if stand_ins else set()
    found = [*faked, *patched, *doubles, *places([f for f in stand_ins if f.short in asked])]
    shipped_models = facts.used(("pydantic_ai.models.test", "pydantic_ai.models.function"))
    asserting_files = sum(1 for m in facts.tests if asserting(facts, m))
    paths = {spot.path for spot in found}
    if found and not shipped_models and len(paths) * 10 < asserting_files:
        return weak(f"tests stand on fakes in {len(paths)} of {asserting_files} files", _FAKE_IT, found)
    if (found or shipped_models) and test_functions(facts):
        return passed(f"tests stand on fakes in {counted(paths or 1, 'file')}", found or shipped_models)
    local = _local_stores(facts)
    if local and asserting_files:
        return weak("tests use stores in memory or in containers, and fake nothing", _FAKE_IT, local)
    return unknown("no fake of what is outside was found in the tests", _FAKE_IT)


def ts07(facts: Facts, _ships: Ships) -> Answer:
    """Are there property-based tests?

    Why: guide 1 "Property-based testing".
    Counts: hypothesis's ``given`` or its state machines, schemathesis, used in a test.
    Does not count: hypothesis in the dependencies only.
    Closed: always; every Python file of the tree is looked at.
    Mend: state an invariant of a validator or of the state and test it with hypothesis.
    """
    everything = [
        m for m in facts.modules.values() if facts.roles[m.path] in {roles.TEST, roles.SHIPPED, roles.TOOLING}
    ]
    found = facts.used(frameworks.PROPERTIES, everything)
    if found:
        return passed(f"property-based tests in {counted({p.path for p in found}, 'file')}", found)
    return failed("no property-based test in the tree", "test an invariant with hypothesis (pip install hypothesis)")


# ---------------------------------------------------------------- what the checks look for


def _is_fixture(function: Function) -> bool:
    return any(name.rpartition(".")[2] == "fixture" for name in function.decorators)


def _in_other_surroundings(facts: Facts) -> frozenset[str]:
    """Return the test functions that fake nothing but variables, the folder and what can be imported."""
    replacing: dict[str, bool] = {}
    for call in (call for module in facts.tests for call in module.calls if call.raw.startswith(_PATCHER)):
        modules = {"builtins", "os", "sys"} & set(call.args[:1])
        of_process = bool(modules) or call.raw.rpartition(".")[2] in _OF_PROCESS
        replacing[call.function] = replacing.get(call.function, False) or not of_process
    return frozenset(name for name, replaces in replacing.items() if not replaces)


def _local_stores(facts: Facts) -> list[Location]:
    """Return where tests use a store in memory or in a container."""
    memory = (c for m in facts.tests for c in m.calls if b":memory:" in (*c.args, *c.keywords.values()))
    return [*places(list(memory)), *facts.used(frameworks.LOCAL_STORES, facts.tests)]


def test_functions(facts: Facts) -> list[Function]:
    """Return the asserting test functions in files that pytest or unittest collects and that touch own code."""
    return facts.once(_all_tests)


def _all_tests(facts: Facts) -> list[Function]:
    return [function for module in facts.tests if _touches_own(facts, module)
            for function in facts.once(collected_by_file)[module.path]]  # fmt: skip


def _calling_own(facts: Facts) -> list[Function]:
    """Return the test functions that call shipped code themselves."""
    calling = {call.function for m in facts.tests for call in m.calls if _is_shipped(facts, call.name)}
    return [f for m in facts.tests if COLLECTED.search(m.path) for f in m.functions
            if f.short.startswith("test") and f.name in calling]  # fmt: skip


def _from_outside(facts: Facts) -> list[Function]:
    """Return the asserting tests in files that ask over the network or start a process."""
    asking = {spot.path for spot in facts.imported(*frameworks.ASKING, modules=facts.tests)}
    return [test for path, some in facts.once(collected_by_file).items() if path in asking for test in some]


def _is_shipped(facts: Facts, name: str) -> bool:
    own = facts.own_function(name)
    return own in facts.function or own.rpartition(".")[0] in {kind.name for kind in facts.classes}


def collected(facts: Facts, module: Module) -> list[Function]:
    """Return the asserting test functions of a file that pytest or unittest collects, or that CI names to it."""
    if not COLLECTED.search(module.path) and module.path not in facts.once(_named_in_ci):
        return []
    helpers = {helper.name for helper in module.functions if helper.asserts}
    helped = {call.function for call in module.calls if str(call.raw).replace("()", "") in helpers}
    tests = (f for f in module.functions if f.short.startswith("test") and not f.nested)
    return [test for test in tests if test.asserts or test.name in helped]


def _touches_own(facts: Facts, module: Module) -> bool:
    if own_imports(facts, module):
        return True
    conftests = [m for m in facts.tests if m.path.endswith("conftest.py")]
    folder = module.path.rpartition("/")[0]
    return any(own_imports(facts, m) and folder.startswith(m.path.rpartition("/")[0]) for m in conftests)


def own_imports(facts: Facts, module: Module) -> int:
    """Return how many own shipped modules a test file imports."""
    return facts.once(_imports_of_tests).get(module.path, 0)


def _imports_of_tests(facts: Facts) -> dict[str, int]:
    shipped = {module.name for module in facts.shipped}
    return {module.path: len(_imported_of(facts, module, shipped)) for module in facts.tests}


def _imported_of(facts: Facts, module: Module, shipped: set[str]) -> set[str]:
    found = set()
    for name in module.imports:
        parts = facts.symbols.identity(name).split(".")
        prefixes = (".".join(parts[:n]) for n in range(len(parts), 0, -1))
        own = next((prefix for prefix in prefixes if prefix in shipped), None)
        if own:
            found.add(own)
    return found


def asserting(facts: Facts, module: Module) -> bool:
    """Return whether a file holds asserting tests."""
    return bool(facts.once(collected_by_file)[module.path])


def collected_by_file(facts: Facts) -> dict[str, list[Function]]:
    """Return the asserting tests of each file of tests."""
    return {module.path: collected(facts, module) for module in facts.tests}


def _named_in_ci(facts: Facts) -> set[str]:
    """Return the files of tests that a command of CI names, wherever it is run."""
    named = {word for step in facts.ci if runs_tests(step.text) for word in re.findall(r"[\w./-]+\.py\b", step.text)}
    return {m.path for m in facts.tests if any(f"/{m.path}".endswith(f"/{word.removeprefix('./')}") for word in named)}


def starts(facts: Facts, modules: Iterable[Module]) -> list[Location]:
    """Return where the tests of some files begin."""
    tests = facts.once(collected_by_file)
    return [Location(path=m.path, line=min((f.line for f in tests[m.path]), default=1)) for m in modules]


def in_suite(path: str, names: Iterable[str]) -> bool:
    """Return whether a file stands in a folder of one of the names."""
    return bool(set(path.lower().split("/")[:-1]) & set(names))


def runs_tests(command: str) -> bool:
    """Return whether a command runs tests."""
    installs = re.match(r"\s*(uv |python -m )?(pip|poetry|uv|pdm|conda) (add|install|sync)\b", command)
    return not installs and any(runner in command for runner in frameworks.TEST_RUNNERS)


def runs_all(run: Iterable[Step], paths: Collection[str] = ()) -> bool:
    """Return whether a test command without a path of its own collects every suite, one of some files at least."""
    found = (match for step in run if (match := _WHOLE.search(step.text)))
    folders = ((match["where"] or ".").strip("./") for match in found)
    return any(not folder or not paths or any(f"/{folder}/" in f"/{path}" for path in paths) for folder in folders)
