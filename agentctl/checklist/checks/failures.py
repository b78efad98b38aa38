"""TS: what tests ask of failures, attacks and refusals."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence

from agentctl.checklist.answer import Answer, bound, counted, failed, passed, places, unknown, weak
from agentctl.checklist.checks import testing
from agentctl.checklist.facts.index import Facts
from agentctl.checklist.facts.model import ABSENT, ATTACK, FAILURE, JUDGED, Call, Function, Mention, Module, Status
from agentctl.checklist.ships import Ships
from agentctl.results import Confidence

_FAILURES = 10.0  # per cent of the tests
_HALF = 0.5
_NAMED = ((0.8, 1.0), (0.5, 1.5))  # of the wanted share: those that assert one, where as many say it in their names
_FAILING_NAME = re.compile(
    r"error|invalid|fail|missing|malformed|rais|reject|refus|unauthor|forbid|denied|timeout|not_found|wrong|bad_|unknown"
    r"|exceed|expired|empty|broken|corrupt|conflict|unavailable|surviv|tolerat|reconnect|unreachable|undecodable"
)
_RAISES = re.compile(r"(^|\.)(raises|assertRaises\w*|assertLogs|assertWarns\w*|add_exception)$")
_ANSWERS = re.compile(r"[Rr]esponse$")  # what a fake answers with
_DATA = re.compile(r"(^|/)(data|fixtures|resources|assets|test_?data)/")
_NEAR = 12  # lines that one call takes
_ATTACKED = re.compile(
    r"traversal|(sql|command|code|prompt|header|log|crlf|template|cypher|shell|html|script)_?inject|inject\w*_(attempt|attack)"
    r"|(prevent|block|reject)\w*_inject|multi(ple)?_?statement|xss|ssrf|csrf|malicious|hostile|vulnerab|exploit|unsafe|dangerous|zip_?slip|symlink|tamper|spoof|rebinding|jailbreak"
    r"|(outside|escap\w+)_(of_)?(the_)?(root|workspace|sandbox|base|dir)",
    re.IGNORECASE,
)
_KEPT_SECRET = re.compile(
    r"leak|redact|(^|_)mask(s|ed|ing)?(_|$)|scrub|disclos|(not|never|no)_(expos|log|print|return|show|in)\w*_?\w*"
    r"(token|secret|key|password|credential)|(token|secret|key|password|credential)s?_(is_|are_)?(not|never|hidden)",
    re.IGNORECASE,
)
_REFUSED = re.compile(
    r"unauth|forbid|(access|permission|user|login|request)s?_(is_)?denied|denie[sd]_(access|without)|(without|lacks?|no)_permission"
    r"|permission_required|read_?only|not_(allowed|permitted)|disallow|(is_)?blocked$|blocks_|allow_?list|white_?list|restricted"
    r"|(other|another|different|foreign|wrong)_(user|owner|tenant|session)|not_owner|cross_(tenant|user|workspace|account)"
    r"|(cannot|cant)_(see|access|read|delete|update|edit|use)|(bad|invalid|wrong|expired|forged)_(token|signature|jwt|password)",
    re.IGNORECASE,
)
_OF_SECURITY = re.compile(
    r"sandbox|(?<!dependency_)(?<!code_)injection(?!_point)|sanitiz\w*_(input|html|path|file|sql|prompt|tool|command)"
    r"|security|travers|ssrf|csrf|xss|permission|unauthori|redact"
    r"|(import|function|module|builtin|command|url|host)s?_(is_|are_)?(blocked|disallowed)|block_(import|function|module|url)"
    r"|escap(e|ing)_(html|shell|sql|prompt)|certificate|ssl_(verif|config)|jailbreak|allow_?list|block_?list|deny_?list",
    re.IGNORECASE,
)
_FOR_SECURITY = re.compile(r"(^|_)security(_|\.|$)", re.IGNORECASE)  # a file or a class of tests
_CLIENT = re.compile(r"(^|_)(client|session|page|browser|driver)(_|$)")
_ENOUGH = 2  # tests of attacks that stand for a suite


def ts05(facts: Facts, _ships: Ships) -> Answer:
    """Are failures tested: raised errors, error statuses, failing dependencies?

    Why: guide 0 "Error scenarios tested", guide 1 "Comprehensive error handling".
    Counts: tests with pytest.raises or assertRaises, that compare an HTTP status from 400 up or an exit code, that
    assert the flag (``isError``), the words or the type of an error, or whose fake raises or answers with an error. At
    least one test in ten; four fifths of that where one in ten bears a failure in its name and asserts something, half
    where three in twenty do.
    Does not count: the name of a test alone; that a text is not valid or safe, where no name tells of a failure.
    Closed: when fewer than one test in twenty even bears a failure in its name; without tests it is unknown.
    Mend: test what each boundary answers to bad input and to a dependency that fails.
    """
    tests = testing.test_functions(facts)
    if not tests:
        return unknown("there are no tests, so no failure is tested", "write unit tests first")
    failing = facts.once(failing_tests)
    sure = [test for test in tests if test.name in failing]
    maybe = [test for test in tests if test.name in failing or _FAILING_NAME.search(test.short)]
    share, loose = round(len(sure) / len(tests), 2), len(maybe) / len(tests)
    message = f"{len(sure)} of {len(tests)} tests assert a failure ({share:.0%})"
    wanted = bound(facts.settings, "failure_tests", _FAILURES) / 100
    if share >= wanted:
        return passed(message, places(sure))
    named = f"{message}; {len(maybe)} bear a failure in their name"
    if any(share >= wanted * asserted and loose >= wanted * told for asserted, told in _NAMED):
        return passed(f"{named} and assert something", places([*sure, *maybe]), confidence=Confidence.MEDIUM)
    inside = {test.name for test in tests}
    outside = [test for some in facts.once(testing.collected_by_file).values() for test in some
               if test.name in failing - inside]  # fmt: skip
    if loose < wanted * _HALF and not outside:
        return failed(message, "test bad input, error answers and failing dependencies (at least one test in ten)",
                      places(sure or tests[:2]))  # fmt: skip
    if loose < wanted and outside:
        words = f"{message}; {len(outside)} do that reach it from outside"
        return weak(words, "assert errors in each suite", places(outside))
    return weak(named, "assert the error itself", places(maybe))


def ts10(facts: Facts, _ships: Ships) -> Answer:
    """Are there security tests (injection, authorization, malformed input)?

    Why: guide 1 "Security testing performed", guide 4 "Security Tests".
    Counts: asserting tests in a security suite; else at least two of three: attacks (a hostile text, a traversal, a
    secret that must not be in an answer, what a file or class of tests named for security refuses), refusals of callers
    (401, 403, a refused action that the name tells), and malformed input (400, 413, 422). Two tests of attacks are
    enough alone.
    Does not count: words in the name of a test that asserts no failure, a hostile text in one that asserts none. Two
    asserting tests that are named for a defence (a sandbox, what is sanitized, who is permitted) warn.
    Closed: never.
    Mend: test missing and wrong tokens, oversized and malformed bodies, and injected text under tests/security.
    """
    suite = [m for m in facts.tests if testing.in_suite(m.path, {"security"}) and testing.asserting(facts, m)
             and (testing.own_imports(facts, m) or _asks_from_outside(m))]  # fmt: skip
    if suite:
        return passed(f"a security suite with {counted(suite, 'file')}", testing.starts(facts, suite))
    attacks, refusals = _attacks(facts), _refusals(facts)
    denied = [*_expected(facts, {401, 403}), *refusals]
    malformed = _expected(facts, {400, 413, 422})
    kinds: dict[str, Sequence[object]] = {"attacks": attacks, "refused callers": denied, "malformed input": malformed}
    there = {kind: found for kind, found in kinds.items() if found}
    spots = places([spot for found in there.values() for spot in found[:2]])
    if len(there) > 1 or len(attacks) >= _ENOUGH:
        return passed(f"there are tests of {', '.join(there)}", spots, confidence=Confidence.MEDIUM)
    if there:
        return weak(
            f"there are tests of {next(iter(there))} only", "test injection, authorization and malformed input", spots
        )
    named = [test for test in facts.once(_all) if _OF_SECURITY.search(f"{test.path.rpartition('/')[2]}_{_title(test)}")]
    if len(named) >= _ENOUGH:
        return weak(f"{counted(named, 'test')} named for security, none that attacks or is refused",
                    "test injection, authorization and malformed input", places(named),
                    confidence=Confidence.MEDIUM)  # fmt: skip
    return unknown("no test of injection, authorization or malformed input was found", "add tests/security")


# ---------------------------------------------------------------- what the checks look for


def _asks_from_outside(module: Module) -> bool:
    """Return whether tests of a file are given a client, a session or a page to ask by."""
    return any(_CLIENT.search(p.name) for f in module.functions if f.short.startswith("test") for p in f.parameters)


def failing_tests(facts: Facts) -> set[str]:
    """Return the functions of the tests, and those around them, that raise, expect or compare with an error.

    A test that raises by itself asserts so; only the fakes in it and beside it fail on purpose.
    """
    found: set[str] = set()
    for module in facts.tests:
        tests = {test.name for test in facts.once(testing.collected_by_file).get(module.path, ())}
        found |= {c.function for c in module.calls if _RAISES.search(c.raw) or "side_effect" in c.keywords}
        found |= {r.function for r in module.raises} - tests
        found |= {s.function for s in module.statuses if s.use == "compare"} | _answered(module)
        found |= {m.function for m in module.compared if m.name == FAILURE}
        found |= {m.function for m in module.compared if m.name == JUDGED and _says_so(m.function)}
    return found | {name.rpartition(".")[0] for name in found}


def _says_so(test: str) -> bool:
    """Return whether the name of a test, or of the class or file around it, tells of a failure or a refusal."""
    name = ".".join(test.split(".")[-2:]).lower()
    return bool(_FAILING_NAME.search(name) or _REFUSED.search(name) or _ATTACKED.search(name))


def _answered(module: Module) -> set[str]:
    """Return the functions whose fakes answer with an error status: ``httpx.Response(500)``, ``status_code=429``."""
    statuses = [s for s in module.statuses if s.use == "call"]
    if not statuses:
        return set()
    answers: dict[str, list[Call]] = defaultdict(list)
    for call in module.calls:
        if _ANSWERS.search(call.raw) or call.has("status_code", "status"):
            answers[call.function].append(call)
    return {s.function for s in statuses if any(0 <= s.line - c.line < _NEAR for c in answers[s.function])}


def _expected(facts: Facts, codes: set[int]) -> list[Status]:
    tests = (m for m in facts.tests if not _DATA.search(m.path))
    return [s for m in tests for s in m.statuses if s.code in codes and s.use == "compare"]


def _all(facts: Facts) -> list[Function]:
    """Return the tests, those that reach own code from outside among them."""
    return [test for path, some in facts.once(testing.collected_by_file).items() if not _DATA.search(path)
            for test in some]  # fmt: skip


def _attacks(facts: Facts) -> list[Function]:
    """Return the tests that attack and expect a refusal, and those of a secret that must stay one."""
    failing = facts.once(failing_tests)
    hostile, absent = _holding(facts, ATTACK), _holding(facts, ABSENT)
    return [
        test for test in facts.once(_all)
        if (test.name in failing and (test.name in hostile or _ATTACKED.search(_title(test))))
        or (test.name in hostile and (test.name in absent or _ATTACKED.search(_title(test))))
        or (test.name in absent and _KEPT_SECRET.search(_title(test)))
        or (test.name in failing and any(map(_FOR_SECURITY.search, _around(test))))
    ]  # fmt: skip


def _refusals(facts: Facts) -> list[Function]:
    """Return the tests that assert a failure of what their name says is not allowed."""
    failing = facts.once(failing_tests)
    return [t for t in facts.once(_all) if t.name in failing and _REFUSED.search(_title(t))]


def _around(test: Function) -> tuple[str, str]:
    return test.path.rpartition("/")[2], _title(test).removesuffix(test.short)


def _title(test: Function) -> str:
    """Return the name of a test with that of its class."""
    kind = (test.class_name or "").rpartition(".")[2]
    return f"{re.sub(r'(?<=[a-z])(?=[A-Z])', '_', kind)}_{test.short}"


def _holding(facts: Facts, kind: str) -> set[str]:
    """Return the tests that hold a mark, those whose parameters hold it among them."""
    return {name for m in facts.tests for name in _in_module(m, [row for row in m.compared if row.name == kind])}


def _in_module(module: Module, rows: list[Mention]) -> set[str]:
    if not rows:
        return set()
    outside = {module.name, *(kind.name for kind in module.classes)}  # where the parameters of tests stand
    found = {row.function for row in rows} - outside
    above = [row.line for row in rows if row.function in outside]
    if above:
        functions = sorted((f for f in module.functions if not f.nested), key=lambda f: f.line)
        lines = [function.line for function in functions]
        near = (functions[place] for line in above if (place := bisect_left(lines, line)) < len(lines))
        found |= {f.name for f in near if any(d.endswith("parametrize") for d in f.decorators)}
    return found
