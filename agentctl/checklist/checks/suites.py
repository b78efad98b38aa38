"""TS: the suites beyond unit and integration: journeys, benchmarks, injected faults."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import PurePosixPath

from agentctl.checklist import frameworks
from agentctl.checklist.answer import Answer, counted, failed, passed, places, unknown, weak
from agentctl.checklist.checks import driving, features, runs, serving, testing
from agentctl.checklist.facts import roles
from agentctl.checklist.facts.index import Facts
from agentctl.checklist.facts.model import Call, Function, Module, literal
from agentctl.checklist.ships import Ships
from agentctl.results import Confidence, Location, Verdict

_JOURNEY = re.compile(
    r"(^|[/_-])(e2e|end[_-]?to[_-]?end|acceptance|journeys?|smoke)([/_.-]|[_-]tests?/|$)", re.IGNORECASE
)
_ASKS_FOR = re.compile(r"(-[mk][ =][\"']*|\$\{?)(e2e|end_?to_?end|acceptance|journeys?|smoke)")
_NAMES_SUITE = re.compile(r"tests?/\S*(integration|functional|system)|(-m|-k)[ =][\"']*(integration|functional|system)")
_GHERKIN_JS = re.compile(r"(^|/)cypress/(e2e|integration)/.*\.feature$")
_BENCHMARK = re.compile(r"(^|/)(benchmarks?|perf|performance)(/|_|\.)", re.IGNORECASE)
_RUNS_BENCHMARKS = re.compile(r"(^|[\s/_-])(benchmarks?|perf_tests?)([\s/_.-]|$)", re.IGNORECASE)
_CLOCKS = {"time.perf_counter", "time.perf_counter_ns", "time.time", "time.monotonic", "timeit.timeit", "timeit.repeat"}
_BASELINE = re.compile(r"(^|[/_-])(baselines?|benchmarks?)([/_.-].*)?\.(json|ya?ml|csv|toml)$", re.IGNORECASE)
_RESULTS = re.compile(
    r"(^|/)(([\w-]*_?bench(marks?)?|evals?|evaluations?|perf|performance)/(.*/)?[^/]*(results?|scores?|baselines?|logs?)\b.*"
    r"|([\w-]+_)?(bench(mark)?|eval(uation)?|expt?|experiment)s?_results?/.*)\.(md|jsonl?|csv|ya?ml|html)$",
    re.IGNORECASE,
)  # fmt: skip
_CHAOS = re.compile(r"(^|[/_])(chaos|fault_?injections?|faults?)([/_.]|$)", re.IGNORECASE)
_SPEC = re.compile(r"\.(spec|test|e2e|cy)\.(ts|js|tsx|jsx|mjs)$")
_DRIVES = re.compile(r"@playwright/test|\bcy\.(visit|get|request)\(|from ['\"](puppeteer|webdriverio|testcafe)")
_OPENED = tuple(f"selenium.webdriver.{name}" for name in ("Chrome", "Firefox", "Edge", "Safari", "Remote"))
_SHELL = re.compile(r"(^|/)(test|smoke|e2e|check)[\w-]*\.(sh|bash)$|(^|/)[\w-]*[-_](smoke|e2e|test|tests)\.(sh|bash)$")
_ASKS = re.compile(r"\bcurl\b[^\n]*(?:\\\n[^\n]*)*?(localhost|127\.0\.0\.1|\$\{?[\w:-]*(URL|HOST|BASE)|0\.0\.0\.0)")
_RUNS_SPECS = re.compile(r"\bplaywright test\b|\bcypress (run|open)\b|cypress-io/github-action|\bwdio\b|\btestcafe\b")
_SCRIPT = re.compile(r"\"([\w:-]+)\":\s*\"([^\"\n]*)\"")  # of a manifest of JavaScript
_STAND_INS = ("unittest.mock", "mock", "pytest_mock")
_WAY_IN = re.compile(r"client|app|server|page|browser|runner|api|cli|process|container", re.IGNORECASE)
_SKIPS = (
    "pytest.skip", "pytest.mark.skip", "pytest.mark.skipif", "unittest.skip", "unittest.skipUnless", "unittest.skipIf",
)  # fmt: skip
_PROCESSES = (
    "docker", "testcontainers", "subprocess.Popen", "multiprocessing.Process", "asyncio.create_subprocess_exec",
    "asyncio.create_subprocess_shell", "psutil.Process", "python_on_whales",
)  # fmt: skip
_STOPS = re.compile(r"\.(stop|kill|pause|disconnect|send_signal)$")
_ENGINES, _STOPPING = (
    {b"docker", b"podman", b"kubectl"},
    {b"stop", b"kill", b"pause", b"delete", b"scale", b"disconnect"},
)
_IGNORED = re.compile(r"--ignore[= ]([\w./-]+)")
_OF_COMPOSE = 6  # words before what compose is told: ``docker compose -f FILE -p NAME kill``
_OUTAGE = re.compile(
    r"disrupt|outage|crash|kill(s|ed)?(\b|_)|(goes|going|is)[ _](down|away|unreachable|stopped|killed)|fail_?over"
    r"|partition(s|ed)?\b|cut[ _]off|lost_connection|connection_(is_)?lost|recovers?_(after|from)|while_\w*_is_down",
    re.IGNORECASE,
)
_FAULT_TOOLS = ("toxiproxy", "chaoslib", "pumba", "chaostoolkit", "litmus", "chaos-mesh")


def ts04(facts: Facts, _ships: Ships) -> Answer:
    """Are there end-to-end tests of a whole user journey through the public surface?

    Why: guide 2 and guide 4 "Test pyramid".
    Counts: asserting tests in an e2e suite or file, or that drive a browser or the application's own user interface,
    in a repository whose CI runs tests on changes; tests elsewhere that are named or marked for it themselves and come
    in by a request, a command, a process or the program's main function; Playwright or Cypress in JavaScript, and
    features (Gherkin) whose steps assert, that CI runs; tests of an integration suite that start the program as a
    process, where CI names them; tests that CI runs and that ask several times, over its port, a server that a helper
    or CI started with own code.
    Does not count: scripts that assert nothing. A file of that name whose tests put stand-ins for parts and come in by
    no client, process or browser warns, and so do evaluations, a suite that only runs by hand, and journeys within the
    process: several requests to the application in one test, a run of the whole graph or agent, a command that is run
    for more than its help, three steps of own code in a test of an integration suite; scripts of
    that name that ask it by hand warn, too.
    Closed: never.
    Mend: drive one journey from the first request to the stored result under tests/e2e.
    """
    modules = _journeys(facts)
    found = [test for module in modules for test in testing.collected(facts, module)]
    found += [test for test in (*driving.named_whole(facts), *_in_browsers(facts)) if test not in found]
    answers = (_collected(facts, found), _scripted(facts), features.answered(facts))
    told = [answer for answer in answers if answer]
    through = next((answer for answer in told if answer.verdict is Verdict.PASS), None) or _served(facts)
    if through or told:
        return through or told[0]
    outside = facts.once(driving.started)
    if outside:
        return _from_outside(facts, outside)
    for how, within in driving.journeys(facts):
        if within:
            words = f"{counted(within, 'test')} {how} within the process, and none from outside it"
            return weak(words, "drive one whole journey under tests/e2e", places(within))
    loose = [m for m in modules if m.functions]
    by_hand = [] if loose else _by_hand(facts)
    if by_hand:
        return weak("scripts of that name ask it by hand, and no runner of tests collects them",
                    "assert what one journey leads to under tests/e2e", by_hand)  # fmt: skip
    if loose:
        return weak("an end-to-end suite stands there, but nothing in it asserts",
                    "assert what the journey leads to", [Location(path=m.path) for m in loose])  # fmt: skip
    scored = facts.used(frameworks.EVALUATIONS, [m for m in facts.tests if testing.own_imports(facts, m)])
    if scored:
        return weak("evaluations run it on whole tasks, and score what comes out instead of asserting",
                    "assert what one journey leads to under tests/e2e", scored)  # fmt: skip
    return unknown("no end-to-end test was found", "drive one whole journey under tests/e2e")


def _journeys(facts: Facts) -> list[Module]:
    """Return the files of end-to-end tests, by where they stand or by what they drive."""
    driven = {spot.path for spot in facts.used(frameworks.BROWSERS, facts.tests)}
    driven |= {spot.path for spot in facts.imported(*frameworks.BROWSERS, modules=facts.tests)}
    return [m for m in facts.tests if not m.path.endswith("conftest.py")
            and (_JOURNEY.search(m.path) or m.path in driven)]  # fmt: skip


def _in_browsers(facts: Facts) -> list[Function]:
    """Return the tests that are given a browser which a fixture elsewhere opens."""
    paths = {spot.path for spot in facts.used(_OPENED, facts.tests)}
    opening = {call.function for m in facts.tests if m.path in paths for call in m.calls
               if frameworks.is_one_of(call.name, _OPENED)}  # fmt: skip
    return driving.beginning(facts, opening) if opening else []


def _by_hand(facts: Facts) -> list[Location]:
    """Return the scripts that are named for journeys or smoke tests and ask over the network."""
    named = [m for m in facts.modules.values() if _JOURNEY.search(m.path.rpartition("/")[2])
             and facts.roles[m.path] != roles.VENDORED]  # fmt: skip
    asking = facts.imported(*frameworks.ASKING, modules=[m for m in named if m.main_guard])
    shell = [path for path, text in facts.tree.plain.items() if _SHELL.search(path) and _ASKS.search(text)]
    return [*asking, *(Location(path=path) for path in shell)]


def _from_outside(facts: Facts, tests: list[Function]) -> Answer:
    """Answer for tests that start the program as a process, beside suites that are named for it."""
    joined = [test for test in tests if testing.in_suite(test.path, driving.SUITES)]
    run = [step for step in facts.ci if step.changes and step.binding and testing.runs_tests(step.text)
           and _NAMES_SUITE.search(step.text)]  # fmt: skip
    if joined and run:
        words = f"{counted(joined, 'test')} of an integration suite start{'s' * (len(joined) == 1)} it as a process"
        return passed(f"{words}, run by CI on changes",
                      [*places(run[:1]), *places(joined)], confidence=Confidence.MEDIUM)  # fmt: skip
    words = f"{counted(tests, 'test')} start{'s' * (len(tests) == 1)} it, or a script, as a process"
    return weak(f"{words}; no suite of journeys that CI runs was found",
                "drive one whole journey under tests/e2e", places(tests))  # fmt: skip


def _collected(facts: Facts, found: list[Function]) -> Answer | None:
    """Return the answer for the tests of the suite that pytest collects, None without any."""
    if not found:
        return None
    run = [step for step in facts.ci if testing.runs_tests(step.text) and step.changes and step.binding]
    staged = facts.once(_staged)
    if staged.issuperset(test.path for test in found):
        words = f"{counted(found, 'test')} {'are' if len(found) > 1 else 'is'} named for it, with stand-ins for parts"
        return weak(f"{words} and no way in from outside", "drive one whole journey under tests/e2e", places(found))
    words = f"{counted(found, 'end-to-end test')} in {counted({test.path for test in found}, 'file')}"
    skipped = _skipped(facts, found)
    if skipped:
        return weak(f"{words}, which are skipped unless asked for", "run the suite in CI", [*skipped, *places(found)])
    named = [step for step in run if _names(step.text, found)]
    if named or testing.runs_all(run, [test.path for test in found]):
        return passed(f"{words}, run by CI on changes", [*places((named or run)[:1]), *places(found)])
    return weak(f"{words}, which CI does not run on changes", "run the suite in CI", places(found))


def _staged(facts: Facts) -> set[str]:
    """Return the files that only their name makes a suite, that put stand-ins for parts and ask through nothing."""
    named = [m for m in _journeys(facts) if not _JOURNEY.search(m.path.rpartition("/")[0])]
    outside = (*frameworks.TEST_CLIENTS, *frameworks.BROWSERS, *frameworks.ASKING, *_PROCESSES, "subprocess")
    return {
        m.path for m in named
        if facts.used(_STAND_INS, [m]) and not facts.used(outside, [m])
        and not any(_WAY_IN.search(parameter.name) for test in m.functions for parameter in test.parameters)
    }  # fmt: skip


def _served(facts: Facts) -> Answer | None:
    """Return the answer where CI runs tests that ask a running server, None without any that is not skipped."""
    found = serving.journeys(facts)
    if not found or _skipped(facts, list(found)):
        return None
    words = f"{counted(found, 'test')} ask{'s' * (len(found) == 1)} a server that runs beside them several times"
    return passed(f"{words}, run by CI on changes", [*places(list(found.values())[:1]), *places(list(found))],
                  confidence=Confidence.MEDIUM)  # fmt: skip


def ts09(facts: Facts, _ships: Ships) -> Answer:
    """Are there benchmarks with a kept baseline, and does a fresh run hold it?

    Why: guide 0 "Performance benchmarks", guides 1, 2 and 4 "performance baseline".
    Counts: the newest record of ``agentctl test`` that passed with a performance suite, bound to this content, and a
    baseline file beside the benchmarks.
    Does not count: benchmark scripts that measure nothing; a stale record. Kept results of benchmarks or evaluations,
    benchmarks that take the time, and those that CI or pytest's plugin runs, warn: nothing holds a run to a baseline.
    Closed: never; without a fresh record, kept results or benchmarks that measure the answer is unknown.
    Mend: keep a baseline file, compare with it in a suite named performance, and run: agentctl test.
    """
    files = [m for m in facts.modules.values() if _BENCHMARK.search(m.path) and m.functions]
    used = [m for m in facts.tests if any("benchmark" in {p.name for p in f.parameters} for f in m.functions)]
    kept = [Location(path=path) for path in facts.tree.plain if _BASELINE.search(path)]
    defined = [Location(path=m.path) for m in {m.path: m for m in (*used, *files)}.values()]
    run = runs.latest(facts, "test")
    suites = run.details.get("suites") if run else None
    names = [str(row.get("name")) for row in suites if isinstance(row, dict)] if isinstance(suites, list) else []
    ran = [name for name in names if _BENCHMARK.search(f"{name}/")]
    if run is not None and ran and kept:
        stale = runs.staleness(facts, run)
        if stale:
            return stale
        if run.verdict != "pass":
            return failed(f"the newest run of {ran[0]} did not pass", "run: agentctl test", runs.record_place(run))
        return passed(f"the suite {ran[0]} held its baseline", [*runs.record_place(run), *kept])
    compared = {spot.path for spot in kept} if defined else set()  # a baseline that its benchmarks stand beside
    results = [Location(path=path) for path in facts.tree.paths if _RESULTS.search(path) and path not in compared]
    if results:
        return weak("results of benchmarks or evaluations are kept, and nothing holds a run to them",
                    "compare with a kept baseline in a suite of agentctl test", [*results, *defined])  # fmt: skip
    running = [step for step in facts.ci if _RUNS_BENCHMARKS.search(step.text)] if defined else []
    if used or running:
        words = f"{counted(defined, 'file')} of benchmarks that {'CI' if running else 'pytest'} runs"
        hint = "compare with a kept baseline in a suite of agentctl test"
        return weak(f"{words}, and nothing holds a run to a baseline", hint, [*places(running[:1]), *defined])
    if defined:
        lacks = "no record shows a run that held it" if kept else "no baseline is kept beside them"
        waiting = any("baseline" in spot.path.lower() for spot in kept)  # only for a record
        measuring = not waiting and any(call.name in _CLOCKS for m in files for call in m.calls)
        return (weak if measuring else unknown)(
            f"{counted(defined, 'file')} of benchmarks, but {lacks}",
            "compare with a kept baseline in a suite of agentctl test", [*defined, *kept])  # fmt: skip
    return unknown("no benchmark with a kept baseline was found", "measure one path and keep its baseline")


def ts11(facts: Facts, _ships: Ships) -> Answer:
    """Are there fault-injection (chaos) tests?

    Why: guide 1 "Chaos testing".
    Counts: asserting tests of own code in a suite or file named for chaos or injected faults; a fault-injection tool
    that CI or a test starts; a test or a step of a feature that is named for an outage and stops, pauses or kills what
    it needs.
    Does not count: a single fake that raises (that is TS05); what is stopped when a test is over. Functions beside the
    tests that are named for an outage and stop what is needed, which only run by hand, warn.
    Closed: never.
    Mend: kill, delay and corrupt each dependency in turn under tests/chaos, and assert what users see.
    """
    tests = testing.test_functions(facts)
    found = [test for test in tests if _CHAOS.search(test.path)]
    tools = [step for step in facts.ci if any(tool in step.text for tool in _FAULT_TOOLS)]
    driven = facts.imported("toxiproxy", "chaoslib", modules=facts.tests)
    cut = _outages(facts)
    if found or tools or driven or cut:
        return passed("faults are injected", [*places(found), *places(tools), *driven, *places(cut)])
    scripts = _outages_by_hand(facts)
    if scripts:
        return weak("scripts stop what it needs while it runs, and no test that CI collects does",
                    "let a suite run them, and assert what users see", places(scripts))  # fmt: skip
    return unknown("no fault-injection test was found", "inject faults into each dependency under tests/chaos")


def _outages(facts: Facts) -> list[Function]:
    """Return the tests and steps of features that are named for an outage and stop what they need."""
    stopping = {c.function for m in facts.tests for c in m.calls if _stops(c)}
    titles = {c.args[-1]: literal(c.args[0]) or "" for m in facts.tests for c in m.calls
              if c.role == "decorator" and len(c.args) > 1 and isinstance(c.args[-1], str)}  # fmt: skip
    aside = {path for step in facts.ci for path in _IGNORED.findall(step.text)}
    tests = [test for path, some in facts.once(testing.collected_by_file).items() for test in some
             if not any(part in path for part in aside)]  # fmt: skip
    return [f for f in (*tests, *features.steps(facts)) if f.name in stopping
            and _OUTAGE.search(f"{f.short} {titles.get(f.name, '')}")]  # fmt: skip


def _outages_by_hand(facts: Facts) -> list[Function]:
    """Return the functions of tests and scripts that are named for an outage and stop what is needed."""
    modules = facts.of(roles.TEST, roles.TOOLING)
    stopping = {c.function for m in modules for c in m.calls if _stops(c)}
    return [f for m in modules for f in m.functions if f.name in stopping
            and _OUTAGE.search(f"{m.path.rpartition('/')[2]}_{f.short}")]  # fmt: skip


def _stops(call: Call) -> bool:
    """Return whether a call stops another process or container, by its engine (``docker stop store``) too."""
    if _STOPS.search(call.name) and frameworks.is_one_of(call.name, _PROCESSES):
        return True
    runs = call.name.startswith(("subprocess.", "asyncio."))
    words = next((value for value in call.args if isinstance(value, tuple)), ()) if runs else ()
    return len(words) > 1 and words[0] in _ENGINES and not _STOPPING.isdisjoint(words[1:_OF_COMPOSE])


def _scripted(facts: Facts) -> Answer | None:
    """Return the answer for journeys through the page that are written in JavaScript, None without any."""
    spots = [Location(path=path) for path, text in facts.tree.plain.items()
             if (_SPEC.search(path) and _DRIVES.search(text)) or _GHERKIN_JS.search(path)]  # fmt: skip
    asked = _scripts(facts) if spots else None
    run = [step for step in facts.ci if step.changes and step.binding
           and (_RUNS_SPECS.search(step.text) or (asked and asked.search(step.text)))]  # fmt: skip
    words = counted(spots, "end-to-end test file")
    if spots and run:
        return passed(f"{words}, run by CI on changes", [*places(run[:1]), *spots])
    return weak(f"{words}, which CI does not run on changes", "run the suite in CI", spots) if spots else None


def _scripts(facts: Facts) -> re.Pattern[str] | None:
    """Return what asks for a script of a ``package.json`` that drives the page, None without one."""
    texts = (text for path, text in facts.tree.plain.items() if path.rpartition("/")[2] == "package.json")
    names = {name for text in texts for name, command in _SCRIPT.findall(text) if _RUNS_SPECS.search(command)}
    named = "|".join(map(re.escape, sorted(names)))
    return re.compile(rf"\b(npm|pnpm|yarn|bun)( run| --?[\w-]+[= ]\S+)* ({named})(?![\w:-])") if named else None


def _skipped(facts: Facts, found: list[Function]) -> list[Location]:
    """Return where the suite is skipped: in a conftest of its own, or in half of its files."""
    files = Counter(test.path for test in found)
    skips = {m.path: [c for c in m.calls if c.name in _SKIPS] for m in facts.tests
             if m.path in files or (m.path.endswith("conftest.py") and _JOURNEY.search(m.path))}  # fmt: skip
    held = [calls for path, calls in skips.items() if (path in files and _all_skipped(calls, files[path]))
            or (path not in files and _holds_all(facts, calls, found))]  # fmt: skip
    spots = places([call for calls in held for call in calls])
    above = {spot.path.removesuffix("conftest.py") for spot in spots if spot.path.endswith("conftest.py")}
    whole = sum(path.startswith(tuple(above)) for path in files) * 2 >= len(files) if above else False
    return spots if whole or sum(map(bool, held)) * 2 >= len(files) else []


def _holds_all(facts: Facts, calls: list[Call], found: list[Function]) -> bool:
    """Return whether what a conftest skips is the suite, not the tests that ask for one of its fixtures."""
    given = Counter(parameter.name for test in found for parameter in test.parameters)
    own = {c.args[-1] for m in facts.tests for c in m.calls if c.role == "decorator" and c.args
           and c.raw.endswith("fixture") and c.keywords.get("autouse") is not True}  # fmt: skip
    asked = (call.function.rpartition(".")[2] for call in calls if call.function in own)
    return any(call.function not in own for call in calls) or any(given[name] * 2 >= len(found) for name in asked)


def _all_skipped(calls: list[Call], tests: int) -> bool:
    """Return whether a file is skipped: as a whole, or at least half of its tests."""
    return any(_of_module(call) for call in calls) or len(calls) * 2 >= tests


def _of_module(call: Call) -> bool:
    """Return whether a mark stands for the whole file: ``pytestmark = pytest.mark.skipif(...)``."""
    return call.role != "decorator" and call.function.rpartition(".")[2] == PurePosixPath(call.path).stem


def _names(command: str, found: list[Function]) -> bool:
    """Return whether a command names the suite, its folder or its file."""
    asked = _JOURNEY.search(command) or _ASKS_FOR.search(command)
    return bool(asked) or any(test.path in command for test in found)
