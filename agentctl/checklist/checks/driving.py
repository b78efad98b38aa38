"""TS: tests that drive several real parts together, and what they drive them by."""

from __future__ import annotations

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Iterator

from agentctl.checklist import frameworks
from agentctl.checklist.answer import Answer, counted, passed, place, places, unknown, weak
from agentctl.checklist.checks import failures, testing
from agentctl.checklist.facts.index import Facts
from agentctl.checklist.facts.model import Call, Function, Module, Value, literal
from agentctl.checklist.ships import Ships
from agentctl.results import Confidence, Location

SUITES = {"integration", "integrations", "integration_test", "integration_tests", "integrated", "integtests", "e2e",
          "functional", "system", "system_tests", "functional_tests", "tests_integration"}  # fmt: skip
_INTEGRATING = re.compile(r"(^|_)(integration|system_test|end_?to_?end|e2e)s?(_|\.)|_IT\.py$")
_MARKED = re.compile(r"^pytest\.mark\.(integration|e2e|functional|system|end_to_end)\w*$")
_DJANGO = {"client", "admin_client", "async_client", "live_server"}  # fixtures of pytest-django
# A whole graph, crew, agent or session of a library that runs from request to answer.
_WHOLE = re.compile(
    r"(^|\.)(compile\(\)|create_\w*agent\(\)|Crew\(\)(\.crew\(\))?|Agent\(\)|AgentSession\(\)|Runner(\(\))?|Pipeline\(\)"
    r"|Workflow\(\)|Team\(\)|GroupChat\(\))(\.with_config\(\))?\.(a?invoke|a?stream\w*|a?batch|kickoff\w*|a?run\w*)$"
)
REQUEST = re.compile(
    r"(client|runner|communicator|session|browser|page|requests|httpx|http|api)\w*(\(\))?"
    r"\.(get|post|put|patch|delete|request|websocket_connect|stream|invoke|call_tool\w*|read_resource|send_\w+|start_workflow"
    r"|execute_workflow)$",
    re.IGNORECASE,
)
_WHOLE_WAY = re.compile(r"(^|_)(e2e|end_?to_?end|user_journey)(_|$)", re.IGNORECASE)
_MAIN = re.compile(r"(^|\.)(async_|a)?(main|cli)$")
_UP = re.compile(r"/(\w*health\w*|heartbeat|live(ness|z)?|read(y|iness|yz)|ping|up|status|version)/?$", re.IGNORECASE)
_PATCH = re.compile(r"(^|[.?])(patch|patch\.object|setattr)$")
_ONLY_ASKED = {b"--help", b"-h", b"--version"}
_STARTING = (
    "subprocess.run", "subprocess.Popen", "subprocess.check_output", "subprocess.check_call",
    "asyncio.create_subprocess_exec", "pexpect.spawn", "mcp.StdioServerParameters",
    "mcp.client.stdio.StdioServerParameters", "fastmcp.client.transports.PythonStdioTransport",
    "fastmcp.client.transports.StdioTransport",
)  # fmt: skip
_INTERPRETERS = {"sys.executable", b"python", b"python3", b"uv", b"poetry"}
_STEPS = 3  # calls of own code in one test of an integration suite
_MARKED_ONES = 2  # own modules that are asked of what is named or marked for a suite
_JOURNEY = 2  # requests that one test makes
_WIDE, _SHARE = 5, 0.2  # own modules that one call of a test runs through, and their share of all
_HOPS = 3  # from a helper to the helper that makes the client


def ts03(facts: Facts, _ships: Ships) -> Answer:
    """Are there integration tests that drive several real parts together?

    Why: guide 0 "Integration Testing", guides 1, 2, 3 and 4.
    Counts: asserting tests that drive the application through a test client, their own or a fixture's, that run a whole
    graph, crew or agent of own code, that run through a fifth of the own modules (five at least) in one call, that
    stand in an integration suite and use own code, or that are named or marked for it and import two own modules.
    Does not count: an empty folder, scripts without assertions, evaluations, asking only for health. Tests elsewhere
    that import several own modules warn, and so do all of them where CI is defined and runs no tests.
    Closed: never.
    Mend: drive the HTTP surface with the framework's test client, own store and all, under tests/integration.
    """
    hint = "drive the HTTP surface or several parts together under tests/integration"
    for how, found in _ways(facts):
        if found:
            return _judged(facts, f"{counted(found, 'test file')} {how}", found)
    joining = [m for m in facts.tests if testing.asserting(facts, m) and testing.own_imports(facts, m) > 1]
    if joining:
        words = f"{counted(joining, 'test file')} use several own modules, none in an integration suite"
        return weak(words, hint, testing.starts(facts, joining))
    tests = testing.test_functions(facts)
    return unknown("no test that drives several parts together was found", hint, places(tests[:1]))


def driven(facts: Facts) -> list[Module]:
    """Return the asserting test files that use a test client: of their own, of a fixture, or of a helper."""
    lines: dict[str, list[int]] = defaultdict(list)
    for spot in _clients(facts):
        lines[spot.path].append(spot.line or 0)
    makers = {f.name for m in facts.tests if m.path in lines for f in m.functions
              if any(f.line <= number <= f.end for number in lines[m.path])}  # fmt: skip
    makers = _with_users(facts, makers)
    fixtures = [(m.path.rpartition("conftest.py")[0], f.short) for m in facts.tests
                if not testing.COLLECTED.search(m.path) for f in m.functions if f.name in makers]  # fmt: skip
    if facts.imported("django"):
        own = {f.short for m in facts.tests for f in m.functions if not f.short.startswith("test")}
        fixtures += [("", name) for name in _DJANGO - own]
    return [
        m for m in facts.tests
        if testing.asserting(facts, m) and (m.path in lines or _is_given(m, fixtures) or _imports_one(facts, m, makers))
    ]  # fmt: skip


def whole_runs(facts: Facts) -> list[Function]:
    """Return the tests that run a whole graph, crew, agent or session, in files that import own code."""
    running = {call.function for m in facts.tests if testing.own_imports(facts, m) for call in m.calls
               if _WHOLE.search(call.name)}  # fmt: skip
    return [test for test in _tests(facts) if test.name in running]


def wide_runs(facts: Facts) -> list[Function]:
    """Return the tests that call what runs through a good part of the own modules."""
    modules = sum(1 for module in facts.shipped if module.functions)
    wide: dict[str, bool] = {}
    for m in facts.tests:
        for call in m.calls if testing.asserting(facts, m) else ():
            own = facts.own_function(call.name)
            if own in facts.function and own not in wide:
                wide[own] = _width(facts, own) >= max(_WIDE, _SHARE * modules)
    calling = {call.function for m in facts.tests for call in m.calls if wide.get(facts.own_function(call.name))}
    if calling:  # what is refused at the door, or parted by a patch, does not run through
        calling -= _parted(facts) | facts.once(failures.failing_tests)
    return [test for test in _tests(facts) if test.name in calling]


def journeys(facts: Facts) -> Iterator[tuple[str, list[Function]]]:
    """Yield how tests go through the application within the process, the widest way first, with those that do."""
    paths = {module.path for module in facts.once(driven)}
    asked = Counter(c.function for m in facts.tests if m.path in paths for c in m.calls if REQUEST.search(c.raw))
    yield "from request to answer", facts.once(whole_runs)
    yield "with several requests", [test for test in _tests(facts) if asked[test.name] >= _JOURNEY]
    yield "through a good part of the code", facts.once(wide_runs)
    yield "through the command line", _by_command(facts)
    yield "by steps of an integration suite", _by_steps(facts)


def named_whole(facts: Facts) -> list[Function]:
    """Return the tests that are named or marked for the whole way and come in where a user does."""
    named = [test for test in _tests(facts) if any(map(_WHOLE_WAY.search, (test.short, *_marks(test))))]
    if not named:
        return []
    paths = {test.path for test in named}
    calls = [c for m in facts.tests if m.path in paths for c in m.calls]
    within = {c.function for c in calls if REQUEST.search(c.raw) or _is_main(facts, c)}
    within |= {test.name for test in (*_by_command(facts), *facts.once(started))}
    return [test for test in named if test.name in within]


def started(facts: Facts) -> list[Function]:
    """Return the tests that start the program, or a script of the tree, as a process: by themselves or by a helper."""
    return beginning(facts, facts.once(starting))


def starting(facts: Facts) -> set[str]:
    """Return the functions of tests that start the program, or a script of the tree, as a process."""
    return {call.function for m in facts.tests for call in m.calls if _starts_own(facts, m, call)}


def beginning(facts: Facts, own: set[str]) -> list[Function]:
    """Return the tests that begin with some functions: they call one, or are given what such a one makes."""
    makers = _with_users(facts, own) if own else own
    helpers = {name.rpartition(".")[2] for name in makers} - {test.short for test in _tests(facts)}
    calling = {call.function for m in facts.tests for call in m.calls if _names_one(facts, call, makers)}
    return [test for test in _tests(facts) if makers and (
        test.name in makers | calling or any(p.name in helpers for p in test.parameters))]  # fmt: skip


def _in_suites(module: Module) -> bool:
    """Return whether a file stands in an integration suite, or is named or marked for one."""
    return _asked(module) <= _MARKED_ONES


# ---------------------------------------------------------------- what the check looks for


def _ways(facts: Facts) -> Iterator[tuple[str, list[Module]]]:
    """Yield how tests drive several parts, the surest way first, with the files that do."""
    clients, suites = [m for m in facts.once(driven) if not _asks_how_it_is(m)], _suites(facts)
    paths = {module.path for module in clients}
    yield "driving the application through a test client", clients and [
        *clients, *(module for module in suites if module.path not in paths)
    ]  # fmt: skip
    yield "in an integration suite", suites
    outside = [test for test in facts.once(started) if testing.in_suite(test.path, SUITES)] if not suites else []
    yield "of an integration suite that start it as a process", _files(facts, outside)
    yield "running the whole of it", _files(facts, facts.once(whole_runs))
    yield "running through a good part of it", _files(facts, facts.once(wide_runs))


def _asks_how_it_is(module: Module) -> bool:
    """Return whether all that a file of tests asks for is whether the service is up."""
    asked = [literal(call.args[0]) for call in module.calls if call.args and REQUEST.search(call.raw)]
    return bool(asked) and all(path is not None and _UP.search(path) for path in asked)


def _judged(facts: Facts, words: str, found: list[Module]) -> Answer:
    spots = testing.starts(facts, found)
    if facts.ci_files and not facts.ci_is_opaque and not any(testing.runs_tests(step.text) for step in facts.ci):
        return weak(f"{words}, which CI does not run", "run the tests in CI on push and pull request", spots)
    return passed(words, spots, confidence=Confidence.HIGH if facts.once(driven) else Confidence.MEDIUM)


def _suites(facts: Facts) -> list[Module]:
    """Return the asserting files of integration suites that use own code."""
    return [m for m in facts.tests if testing.asserting(facts, m) and testing.own_imports(facts, m) >= _asked(m)]


def _asked(module: Module) -> int:
    """Return how many own modules a file imports at least that is of an integration suite."""
    if testing.in_suite(module.path, SUITES):
        return 1
    marked = any(map(_MARKED.search, (mention.name for mention in module.mentions)))
    marked = marked or any(_MARKED.search(name) for function in module.functions for name in function.decorators)
    return 2 if marked or _INTEGRATING.search(module.path.rpartition("/")[2]) else len(module.imports) + 1


def _tests(facts: Facts) -> list[Function]:
    return [test for some in facts.once(testing.collected_by_file).values() for test in some]


def _starts_own(facts: Facts, module: Module, call: Call) -> bool:
    """Return whether a call starts what is the tree's own; in an integration suite a command put together may be that.

    Code that stands in the command itself (``python -c``) drives one thing, whatever it imports.
    """
    if call.name not in _STARTING:
        return False
    given = (*call.args, *call.keywords.values())
    words = {word for value in given for word in (value if isinstance(value, tuple) else (value,))}
    own = {name.encode() for name in facts.manifest.scripts}
    put_together = (
        bool(call.args) and isinstance(call.args[0], str) and (_in_suites(module) or _names_own(facts, module))
    )
    return b"-c" not in words and (put_together or not words.isdisjoint(_INTERPRETERS | own))


def _names_own(facts: Facts, module: Module) -> bool:
    """Return whether a file of helpers hands on a command of the program's own: its script, or its package's."""
    own = {name.encode() for name in facts.manifest.scripts}
    handed = [v for c in module.calls for v in (*c.args, *c.keywords.values()) if isinstance(v, tuple)]
    handed = [] if testing.COLLECTED.search(module.path) else handed
    return any((v[:1] and v[0] in own) or any(_is_of_own(facts, *two) for two in itertools.pairwise(v)) for v in handed)


def _is_of_own(facts: Facts, option: Value, name: Value) -> bool:
    return option == b"-m" and isinstance(name, bytes) and facts.symbols.is_own(facts.symbols.identity(name.decode()))


def _marks(test: Function) -> list[str]:
    return [name.removeprefix("pytest.mark.") for name in test.decorators if name.startswith("pytest.mark.")]


def _is_main(facts: Facts, call: Call) -> bool:
    """Return whether a call runs the program as its command does: by the main function of a shipped module."""
    own = facts.own_function(call.name)
    return bool(_MAIN.search(own)) and own in facts.function


def _by_command(facts: Facts) -> list[Function]:
    """Return the tests that run a command within the process for more than its help, or answer what it asks."""
    runners = {spot.path for spot in facts.used(("typer.testing.CliRunner", "click.testing.CliRunner"), facts.tests)}
    running = {c.function for m in facts.tests if m.path in runners for c in m.calls
               if c.raw.endswith(".invoke") and not (c.args and _only_asks(c.args[-1]))}  # fmt: skip
    answering = {c.function for m in facts.tests for c in m.calls if b"builtins.input" in c.args
                 or ("builtins" in c.args and b"input" in c.args)}  # fmt: skip
    return [test for test in _tests(facts) if test.name in running | answering]


def _only_asks(arguments: Value) -> bool:
    return isinstance(arguments, tuple) and (not arguments or arguments[-1] in _ONLY_ASKED)


def _by_steps(facts: Facts) -> list[Function]:
    """Return the tests of integration suites that call own code several times, one step after another."""
    suites = [m for m in facts.tests if _in_suites(m) and testing.asserting(facts, m)]
    steps = Counter(call.function for m in suites for call in m.calls
                    if facts.own_function(call.name) in facts.function)  # fmt: skip
    return [test for test in _tests(facts) if steps[test.name] >= _STEPS]


def _files(facts: Facts, tests: list[Function]) -> list[Module]:
    paths = {test.path for test in tests}
    return [module for module in facts.tests if module.path in paths]


def _width(facts: Facts, function: str) -> int:
    """Return how many own modules a function runs through."""
    return len({module.name for name in facts.reach(function) if (module := facts.symbols.module(name))})


def _with_users(facts: Facts, makers: set[str]) -> set[str]:
    """Return the helpers and fixtures that make a client, and those of the helpers that use such a one."""
    helpers = [m for m in facts.tests if not testing.COLLECTED.search(m.path)] if makers else []
    found = set(makers)
    for _ in range(_HOPS):
        short = {name.rpartition(".")[2] for name in found}
        more = {call.function for m in helpers for call in m.calls if _names_one(facts, call, found)}
        more |= {f.name for m in helpers for f in m.functions if any(p.name in short for p in f.parameters)}
        if more <= found:
            break
        found |= more
    return found


def _parted(facts: Facts) -> set[str]:
    """Return the tests that patch own code, which parts what they run through."""
    found = set()
    for m in facts.tests:
        for call in m.calls:
            target = call.args[0] if call.args and _PATCH.search(call.raw) else None
            name = literal(target) if isinstance(target, bytes) else target
            if isinstance(name, str) and facts.symbols.is_own(facts.symbols.identity(name)):
                found.add(str(call.args[-1]) if call.role == "decorator" else call.function)
    return found


def _names_one(facts: Facts, call: Call, makers: set[str]) -> bool:
    given = (value for value in (*call.args, *call.keywords.values()) if isinstance(value, str) and "." in value)
    return call.name in makers or any(facts.symbols.identity(value) in makers for value in given)


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
