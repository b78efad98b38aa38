"""TS: testing."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

from agentctl.checklist import frameworks
from agentctl.checklist.answer import Answer, bound, counted, failed, passed, place, places, unknown, weak
from agentctl.checklist.facts import roles
from agentctl.checklist.facts.index import Facts
from agentctl.checklist.facts.model import FAILURE, Function, Module, Status
from agentctl.checklist.ships import Ships
from agentctl.results import Confidence, Location

_FAILURES = 10.0  # per cent of the tests
_INTEGRATION = {"integration", "integration_tests", "e2e", "functional", "system"}
_FAILING_NAME = re.compile(
    r"error|invalid|fail|missing|malformed|rais|reject|refus|unauthor|forbid|denied|timeout|not_found|wrong|bad_|unknown"
    r"|exceed|expired|empty|broken|corrupt|conflict|unavailable"
)
_COLLECTED = re.compile(r"(^|/)(test_[^/]*|[^/]*_test|tests)\.py$")
_DATA = re.compile(r"(^|/)(data|fixtures|resources|assets|test_?data)/")
_RAISES = re.compile(r"(^|\.)(raises|assertRaises\w*|assertLogs|assertWarns\w*)$")


def ts01(facts: Facts, _ships: Ships) -> Answer:
    """Is there a suite of unit tests of its own code that CI runs?

    Why: every guide's testing strategy starts with unit tests.
    Counts: test functions that assert something in files that import own code; a CI job on push or pull request
    that runs them and may fail (make targets are followed).
    Does not count: empty test files, evaluation scripts, a job that only runs by hand or ends in ``|| true``. A test
    that calls own code without an assertion that is known only warns: what it calls may assert.
    Closed: for the tests (every Python file is looked at), and for CI where a definition stands in the tree.
    Mend: write tests under tests/unit and run ``pytest`` in a workflow on pull requests.
    """
    tests = test_functions(facts)
    calling = [] if tests else _calling_own(facts)
    if calling:
        return weak(f"{counted(calling, 'test function')} run own code, none with an assertion that is known",
                    "assert what own code returns", places(calling))  # fmt: skip
    if not tests:
        return failed("no test function that asserts something about own code was found",
                      "write unit tests, for example tests/unit/test_agent.py")  # fmt: skip
    run = [step for step in facts.ci if runs_tests(step.text) and step.changes and step.binding]
    words = f"{counted(tests, 'test function')} in {counted({test.path for test in tests}, 'file')}"
    if run:
        return passed(f"{words}, run by CI on changes", [place(run[0]), *places(tests[:3])])
    why = "CI does not run them on every change" if facts.ci_files else "no CI definition stands in the repository"
    return weak(f"{words}, but {why}", "run the tests in CI on push and pull request", places(tests[:3]))


def ts03(facts: Facts, _ships: Ships) -> Answer:
    """Are there integration tests that drive several real parts together?

    Why: guide 0 "Integration Testing", guides 1, 2, 3 and 4.
    Counts: asserting tests that drive the application through a test client, their own or a fixture's, or that stand in
    an integration suite and import at least two own modules.
    Does not count: an empty folder, scripts without assertions, evaluations. Tests elsewhere that import several own
    modules warn, and so do all of them where CI is defined and runs no tests.
    Closed: never.
    Mend: drive the HTTP surface with the framework's test client, own store and all, under tests/integration.
    """
    tests = test_functions(facts)
    driven = _driven(facts)
    paths = {m.path for m in driven}
    found = driven + [
        m for m in facts.tests if m.path not in paths and _in_suite(m.path, _INTEGRATION) and _asserting(facts, m)
        and _own_imports(facts, m) > 1
    ]  # fmt: skip
    hint = "drive the HTTP surface or several parts together under tests/integration"
    if found:
        how = "driving the application through a test client" if driven else "joining several own modules"
        words, spots = f"{counted(found, 'test file')} {how}", _starts(facts, found)
        if facts.ci_files and not facts.ci_is_opaque and not any(runs_tests(step.text) for step in facts.ci):
            return weak(f"{words}, which CI does not run", "run the tests in CI on push and pull request", spots)
        return passed(words, spots)
    joining = [m for m in facts.tests if _asserting(facts, m) and _own_imports(facts, m) > 1]
    if joining:
        words = f"{counted(joining, 'test file')} use several own modules, none in an integration suite"
        return weak(words, hint, _starts(facts, joining))
    return unknown("no test that drives several parts together was found", hint, places(tests[:1]))


def ts05(facts: Facts, _ships: Ships) -> Answer:
    """Are failures tested: raised errors, error statuses, failing dependencies?

    Why: guide 0 "Error scenarios tested", guide 1 "Comprehensive error handling".
    Counts: tests with pytest.raises or assertRaises, that compare an HTTP status from 400 up, that assert the flag
    (``isError``) or the words of an error, or whose fake raises. At least one test in ten.
    Does not count: the name of a test alone.
    Closed: when fewer than one test in ten even bears a failure in its name; without tests it is unknown.
    Mend: test what each boundary answers to bad input and to a dependency that fails.
    """
    tests = test_functions(facts)
    if not tests:
        return unknown("there are no tests, so no failure is tested", "write unit tests first")
    failing = facts.once(_failing_tests)
    sure = [test for test in tests if test.name in failing]
    maybe = [test for test in tests if test.name in failing or _FAILING_NAME.search(test.short)]
    share, loose = len(sure) / len(tests), len(maybe) / len(tests)
    message = f"{len(sure)} of {len(tests)} tests assert a failure ({share:.0%})"
    wanted = bound(facts.settings, "failure_tests", _FAILURES) / 100
    if share >= wanted:
        return passed(message, places(sure))
    inside = {test.name for test in tests}
    outside = [test for some in facts.once(_collected_by_file).values() for test in some
               if test.name in failing - inside]  # fmt: skip
    if loose < wanted and not outside:
        return failed(message, "test bad input, error answers and failing dependencies (at least one test in ten)",
                      places(sure or tests[:2]))  # fmt: skip
    if loose < wanted:
        words = f"{message}; {len(outside)} do that reach it from outside"
        return weak(words, "assert errors in each suite", places(outside))
    return weak(f"{message}; {len(maybe)} bear a failure in their name", "assert the error itself", places(maybe))


def ts06(facts: Facts, _ships: Ships) -> Answer:
    """Do tests isolate what is outside behind fakes, recordings or a model for tests?

    Why: guide 0 "Mock external dependencies", guides 2 and 4.
    Counts: unittest.mock, monkeypatch, respx, vcr, a framework's test model and the like, used in asserting tests.
    Does not count: a library that is only declared.
    Closed: never.
    Mend: put a deterministic model behind the interface and use it in every unit test.
    """
    standing = [m for m in facts.tests if m.path.endswith("conftest.py") or _asserting(facts, m)]
    faked = facts.used(frameworks.FAKES, standing)
    patched = [
        Location(path=f.path, line=f.line, symbol=f.name)
        for f in test_functions(facts)
        if any(p.name in {"monkeypatch", "mocker", "respx_mock", "httpx_mock", "requests_mock"} for p in f.parameters)
    ]
    doubles = [
        place(k) for m in facts.tests for k in m.classes if re.match(r"_?(Fake|Stub|Mock|Dummy|Scripted)", k.short)
    ]
    found = [*faked, *patched, *doubles]
    shipped_models = facts.used(("pydantic_ai.models.test", "pydantic_ai.models.function"))
    if (found or shipped_models) and test_functions(facts):
        return passed(
            f"tests stand on fakes in {counted({p.path for p in found} or 1, 'file')}", found or shipped_models
        )
    return unknown("no fake of what is outside was found in the tests", "fake the model and the network in tests")


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


def ts10(facts: Facts, _ships: Ships) -> Answer:
    """Are there security tests (injection, authorization, malformed input)?

    Why: guide 1 "Security testing performed", guide 4 "Security Tests".
    Counts: asserting tests in a security suite, or tests that expect 401 or 403 and tests that expect 400 or 422.
    Does not count: words in a test's name.
    Closed: never.
    Mend: test missing and wrong tokens, oversized and malformed bodies, and injected text under tests/security.
    """
    suite = [
        m for m in facts.tests if _in_suite(m.path, {"security"}) and _asserting(facts, m) and _own_imports(facts, m)
    ]
    denied = _expected(facts, {401, 403})
    malformed = _expected(facts, {400, 413, 422})
    if suite:
        return passed(f"a security suite with {counted(suite, 'file')}", _starts(facts, suite))
    if denied and malformed:
        return passed("tests expect refusals of callers and of malformed input", places([*denied[:2], *malformed[:2]]),
                      confidence=Confidence.MEDIUM)  # fmt: skip
    if denied or malformed:
        what = "authorization" if denied else "malformed input"
        return weak(
            f"only {what} is tested", "test injection, authorization and malformed input", places(denied or malformed)
        )
    return unknown("no test of injection, authorization or malformed input was found", "add tests/security")


# ---------------------------------------------------------------- what the checks look for


def test_functions(facts: Facts) -> list[Function]:
    """Return the asserting test functions in files that pytest or unittest collects and that touch own code."""
    return facts.once(_all_tests)


def _all_tests(facts: Facts) -> list[Function]:
    return [function for module in facts.tests if _touches_own(facts, module)
            for function in facts.once(_collected_by_file)[module.path]]  # fmt: skip


def _calling_own(facts: Facts) -> list[Function]:
    """Return the test functions that call shipped code themselves."""
    calling = {call.function for m in facts.tests for call in m.calls if _is_shipped(facts, call.name)}
    return [f for m in facts.tests if _COLLECTED.search(m.path) for f in m.functions
            if f.short.startswith("test") and f.name in calling]  # fmt: skip


def _is_shipped(facts: Facts, name: str) -> bool:
    own = facts.own_function(name)
    return own in facts.function or own.rpartition(".")[0] in {kind.name for kind in facts.classes}


def collected(module: Module) -> list[Function]:
    """Return the asserting test functions of a file that pytest or unittest collects."""
    if not _COLLECTED.search(module.path):
        return []
    helpers = {helper.name for helper in module.functions if helper.asserts}
    helped = {call.function for call in module.calls if str(call.raw).replace("()", "") in helpers}
    tests = (f for f in module.functions if f.short.startswith("test") and not f.nested)
    return [test for test in tests if test.asserts or test.name in helped]


def _touches_own(facts: Facts, module: Module) -> bool:
    if _own_imports(facts, module):
        return True
    conftests = [m for m in facts.tests if m.path.endswith("conftest.py")]
    folder = module.path.rpartition("/")[0]
    return any(_own_imports(facts, m) and folder.startswith(m.path.rpartition("/")[0]) for m in conftests)


def _own_imports(facts: Facts, module: Module) -> int:
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


def _asserting(facts: Facts, module: Module) -> bool:
    return bool(facts.once(_collected_by_file)[module.path])


def _collected_by_file(facts: Facts) -> dict[str, list[Function]]:
    return {module.path: collected(module) for module in facts.tests}


def _starts(facts: Facts, modules: Iterable[Module]) -> list[Location]:
    """Return where the tests of some files begin."""
    tests = facts.once(_collected_by_file)
    return [Location(path=m.path, line=min((f.line for f in tests[m.path]), default=1)) for m in modules]


def _driven(facts: Facts) -> list[Module]:
    """Return the asserting test files that use a test client: of their own, of a fixture, or of a helper."""
    lines: dict[str, list[int]] = defaultdict(list)
    for spot in _clients(facts):
        lines[spot.path].append(spot.line or 0)
    makers = {f.name for m in facts.tests if m.path in lines for f in m.functions
              if any(f.line <= number <= f.end for number in lines[m.path])}  # fmt: skip
    fixtures = [(m.path.rpartition("conftest.py")[0], f.short) for m in facts.tests if not _COLLECTED.search(m.path)
                for f in m.functions if f.name in makers]  # fmt: skip
    return [
        m for m in facts.tests
        if _asserting(facts, m) and (m.path in lines or _is_given(m, fixtures) or _imports_one(facts, m, makers))
    ]  # fmt: skip


def _is_given(module: Module, fixtures: list[tuple[str, str]]) -> bool:
    """Return whether a test takes a fixture of a conftest above it or of a module of fixtures, not one of its own."""
    near = {name for folder, name in fixtures if module.path.startswith(folder)} - {f.short for f in module.functions}
    return any(parameter.name in near for function in module.functions for parameter in function.parameters)


def _imports_one(facts: Facts, module: Module, makers: set[str]) -> bool:
    return bool(makers) and any(facts.symbols.identity(name) in makers for name in module.imports)


def _clients(facts: Facts) -> list[Location]:
    """Return where tests make a test client; ``httpx.AsyncClient(app=app)`` is one."""
    given = {spot.path for spot in facts.used(("httpx.AsyncClient", "httpx.Client"), facts.tests)}
    calls = (c for m in facts.tests if m.path in given for c in m.calls if c.has("app"))
    return facts.used(frameworks.TEST_CLIENTS, facts.tests) + [place(c) for c in calls if c.name.startswith("httpx.")]


def _in_suite(path: str, names: Iterable[str]) -> bool:
    return bool(set(path.lower().split("/")[:-1]) & set(names))


def _failing_tests(facts: Facts) -> set[str]:
    """Return the functions of the tests, and those around them, that raise, expect or compare with an error."""
    found: set[str] = set()
    for module in facts.tests:
        found |= {c.function for c in module.calls if _RAISES.search(c.raw) or "side_effect" in c.keywords}
        found |= {r.function for r in module.raises}
        found |= {s.function for s in module.statuses if s.use == "compare"}
        found |= {m.function for m in module.compared if m.name == FAILURE}
    return found | {name.rpartition(".")[0] for name in found}


def _expected(facts: Facts, codes: set[int]) -> list[Status]:
    tests = (m for m in facts.tests if not _DATA.search(m.path))
    return [s for m in tests for s in m.statuses if s.code in codes and s.use in {"compare", "call"}]


def runs_tests(command: str) -> bool:
    """Return whether a command runs tests."""
    installs = re.match(r"\s*(uv |python -m )?(pip|poetry|uv|pdm|conda) (add|install|sync)\b", command)
    return not installs and any(runner in command for runner in frameworks.TEST_RUNNERS)
