"""RL: resilience."""

from __future__ import annotations

import re

from agentctl.checklist import frameworks
from agentctl.checklist.answer import Answer, failed, not_applicable, passed, place, places, unknown, weak
from agentctl.checklist.checks import attempts
from agentctl.checklist.checks.agents import of_agents
from agentctl.checklist.checks.performance import is_a_file, nothing_leaves
from agentctl.checklist.facts.index import Facts
from agentctl.checklist.facts.model import EVEN, F_STRING, Call, Handler, Value
from agentctl.checklist.ships import Ships
from agentctl.results import Confidence, Location, Verdict

# A constant, a setting or what a parameter says stays what it is.
_FIXED = re.compile(r"(^|[.?])_*[A-Z][A-Z0-9_]*$|settings|config|\(\)\.\w+$|interval|seconds$|period", re.IGNORECASE)
_COMPUTING = {"min()", "max()", "pow()", "random.uniform()", "random.random()"}
_BUSY = {429, 502, 503, 504}
_SLEEPS = ("asyncio.sleep", "time.sleep", "anyio.sleep")
_CLOCKS = ("time.monotonic", "time.time", "time.perf_counter")
_ATTEMPTS = re.compile(
    r"(^|[._?])max_?(num_)?(retr\w+|attempts|tries)(_count)?$"
    r"|(^|[._?])(\w+_)?(retr(y|ies)|attempts?|tries|try)(_?(count|num|number|max|left|idx|index))?(\(\))?$",
    re.IGNORECASE,
)
# What a library has to be told for a bound and a growing delay; the others have them.
_ASKED = {
    "tenacity.": ("stop", "wait"), "backoff.": ("max_tries|max_time",), "reretry.": ("tries", "backoff"),
    "retry.": ("tries", "backoff"), "temporalio.": ("maximum_attempts",), "urllib3.": ("backoff_factor",),
    "retrying.": ("stop_max_attempt_number|stop_max_delay", "wait_exponential_multiplier|wait_incrementing_start"),
}  # fmt: skip
_OF_PEOPLE = re.compile(r"login|password|auth|otp|captcha|sign_?in", re.IGNORECASE)
_NO_FAILURES = re.compile(r"(CancelledError|KeyboardInterrupt|Empty|Full|StopIteration|StopAsyncIteration|EOFError)$")


def rl01(facts: Facts, _ships: Ships) -> Answer:
    """Are transient failures retried with a bound and a growing delay?

    Why: guide 2 "retries", guide 3 "Retry Logic", guide 4 "Retry Mechanisms".
    Counts: tenacity, stamina, backoff, LangChain's ``with_retry`` with a bound and a growing delay; botocore's modes
    with a number of attempts; ``max_retries`` at every client of a model whose library waits longer each time; a loop
    of its own with a sleep that is not constant, around an except block or a look at 429, 502, 503 or 504.
    Does not count: the retries that a client does by default. A constant delay or none, one more attempt in the
    handler, or ``max_retries`` of some, warns.
    Closed: when known clients were found and none of them, and nothing around them, retries.
    Mend: ``@stamina.retry(on=TransientError, attempts=3)`` around the call.
    """
    used = facts.called(*frameworks.RETRIES)
    used = [call for call in used if call.name in frameworks.RETRIES or call.role == "decorator"]
    chained = facts.ending("with_retry")
    loops = _retry_loops(facts, growing=True)
    modes = [call for call in facts.given("retries") if _is_mode(call.keywords["retries"])]
    good = [call for call in used if _is_bounded(call)] + chained + modes + _patient(facts)
    good += [call for call in facts.given("retry_backoff") if call.keywords["retry_backoff"] is not False]  # Celery's
    if good or loops:
        return passed("transient failures are retried with a bound and a delay", [*places(good), *loops])
    set_ = facts.given("max_retries", "num_retries", "retries", "retry_policy", "max_retry_limit", "max_attempts",
                       "retry_attempts", "max_tries", "retry_count", "retry_config", "retry_strategy")  # fmt: skip
    set_ += [call for call in facts.ending("retry") if call.has("countdown", "exc")]  # Celery's
    even = [*_retry_loops(facts, growing=False), *_at_once(facts), *_counted(facts)]
    if used or set_ or even:
        return weak("retries are there without a bound or a growing delay of their own",
                    "bound the attempts and let the delay grow", [*places([*used, *set_]), *even])  # fmt: skip
    clients = [call for call in facts.called_as(*frameworks.CLIENTS) if not is_a_file(call)]
    clients += facts.called_as(*frameworks.BARE_CALLS)
    if clients and not _in_loop_handlers(facts):
        return failed(f"no outgoing call that is known is retried ({len(clients)})",
                      "wrap the calls, for example with stamina.retry", places(clients),
                      confidence=Confidence.MEDIUM)  # fmt: skip
    answer = nothing_leaves(facts, "no retry was found")
    if answer.verdict is Verdict.NOT_APPLICABLE:
        return not_applicable(answer.message)
    return unknown(
        "no retry with a bound and a growing delay was found", "wrap outgoing calls, for example with stamina.retry"
    )


def rl02(facts: Facts, _ships: Ships) -> Answer:
    """Does a circuit breaker stop calls to a dependency that keeps failing?

    Why: guide 1 "Circuit Breaker Pattern", guide 4 the same.
    Counts: pybreaker, purgatory, circuitbreaker and the like where they are used; a class of its own named for it that
    is made and called.
    Does not count: a class that nothing makes.
    Closed: never.
    Mend: wrap each outgoing dependency with one breaker of a kept library.
    """
    used = facts.used(frameworks.BREAKERS)
    if used:
        return passed("a circuit breaker is wired", used)
    own = [kind for kind in facts.classes if "circuitbreaker" in kind.short.lower() and len(kind.methods) > 1]
    wired = [kind for kind in own if kind.name in facts.made]
    if wired:
        return passed("a circuit breaker of its own is made", places(wired), confidence=Confidence.MEDIUM)
    return unknown(
        "no circuit breaker was found", "wrap outgoing dependencies, for example with purgatory", places(own)
    )


# ---------------------------------------------------------------- what the checks look for


def _is_mode(value: Value) -> bool:
    """Return whether botocore is told how often to try; its modes wait longer each time."""
    return isinstance(value, tuple) and {b"max_attempts", b"mode"} <= set(value)


def _is_bounded(call: Call) -> bool:
    """Return whether a retry has a bound and a growing delay."""
    if any(value in frameworks.CONSTANT_WAITS for value in (*call.args[:1], call.keywords.get("wait"))):
        return False
    if call.keywords.get("backoff_coefficient", 2) == 1:
        return False
    asked = next((words for root, words in _ASKED.items() if call.name.startswith(root)), ())
    return all(call.has(*one.split("|")) for one in asked) and call.keywords.get("attempts", 1) is not None


def _patient(facts: Facts) -> list[Call]:
    """Return the clients of models, where each of them is told how often to try."""
    clients = facts.called_as(*frameworks.PATIENT_CLIENTS)
    told = [call for call in clients if _is_told(call.keywords.get("max_retries"))]
    return told if len(told) == len(clients) else []


def _is_told(value: Value) -> bool:
    """Return whether a number of retries is given; a constant may be none, unless its name says that it is a bound."""
    if isinstance(value, str):
        word = value.rpartition(".")[2]
        return bool(value) and (not word.isupper() or "MAX" in word)
    return isinstance(value, int) and value > 0


def _retry_loops(facts: Facts, *, growing: bool) -> list[Location]:
    """Return the handlers in loops around a call that sleep in the loop, for a time that can grow or not."""
    found = []
    for module in facts.shipped:
        for handler in module.handlers:
            sleeps = [c for c in facts.calls_in(handler.function) if c.loop and c.name in _SLEEPS]
            wanted = [c for c in sleeps if c.args and _grows(facts, c.args[0]) is growing]
            if growing and any(c.name in _CLOCKS for c in facts.calls_in(handler.function)):
                wanted = [c for c in wanted if c.args[0] != "min()"]  # what is left until a deadline does not grow
            if handler.answers:  # who answers and does not wait gives up
                wanted = [c for c in wanted if handler.line <= c.line <= handler.end]
            failed_ = not handler.types or not all(map(_NO_FAILURES.search, handler.types))
            looped = handler.loop and wanted and failed_ and (growing or attempts.asks(facts, handler))
            if looped or (not handler.loop and _calls_again(facts, handler, growing=growing)):
                found.append(place(handler))
    return [*found, *(_refused_loops(facts) if growing else ())]


def _calls_again(facts: Facts, handler: Handler, *, growing: bool) -> bool:
    """Return whether a handler waits, for a time that can grow or not, and calls its own function again."""
    inside = [c for c in facts.calls_in(handler.function) if handler.line <= c.line <= handler.end]
    waits = (c for c in inside if c.name in _SLEEPS and c.args and _grows(facts, c.args[0]) is growing)
    return any(facts.own_function(c.name) == handler.function for c in inside) and any(waits)


def _at_once(facts: Facts) -> list[Location]:
    """Return where attempts are counted against a bound, with no delay or an even one, and where one more is made."""
    counting = {m.function for module in facts.shipped for m in module.compared if _ATTEMPTS.search(m.name)}
    looped = [c for function in sorted(counting) for c in facts.calls_in(function) if c.loop]
    asking = {call.function for call in looped if attempts.is_asking(facts, call)}
    found = [h for function in sorted(counting) for h in facts.handlers_in.get(function, ()) if h.loop]
    waiting = [call for call in looped if call.name in _SLEEPS]
    again = [h for module in facts.shipped for h in module.handlers if _asks_again(facts, h)]
    return places([*(h for h in found if h.function in asking or attempts.asks(facts, h)), *waiting, *again])


def _counted(facts: Facts) -> list[Location]:
    """Return where attempts are held to a number around a model, in whatever way they are made; not those to log in."""
    around = {module.path: module for modules in facts.once(of_agents) for module in modules}
    limits = (m for module in around.values() for m in module.compared if _ATTEMPTS.search(m.name))
    return places([m for m in limits if not _OF_PEOPLE.search(f"{m.function}.{m.name}")])


def _asks_again(facts: Facts, handler: Handler) -> bool:
    """Return whether a handler calls once more what it stands around, where that leaves the process."""
    tried = [c for c in attempts.tried(facts, handler) if attempts.is_asking(facts, c) and _is_given(c)]
    return any(
        (one.raw, one.args, one.keywords) == (call.raw, call.args, call.keywords)
        for call in (attempts.inside(facts, handler) if tried else ())
        for one in tried
    )


def _is_given(call: Call) -> bool:
    """Return whether a call is given anything by its name; texts may differ in what is put into them."""
    values = (*call.args, *call.keywords.values())
    return any(isinstance(v, str) and v for v in values) and F_STRING not in values


def _refused_loops(facts: Facts) -> list[Location]:
    """Return the loops that ask again, after a growing delay, when the answer is that of a server that is too busy."""
    busy = {s.function for m in facts.shipped for s in m.statuses if s.code in _BUSY and s.use == "compare"}
    found: list[Location] = []
    for function in sorted(busy):
        sleeps = [c for c in facts.calls_in(function) if c.loop and c.name in _SLEEPS]
        found += places([c for c in sleeps if c.args and _grows(facts, c.args[0])])
    return found


def _grows(facts: Facts, value: object) -> bool:
    """Return whether a delay can differ from one round to the next: computed there, or a variable of the function."""
    if not isinstance(value, str) or value == EVEN:
        return False
    if value in {"", "?delay", "?wait", "?backoff"} or value.endswith("()") or not _FIXED.search(value):
        return True
    module = facts.symbols.module(value)
    given = module.values.get(value.removeprefix(f"{module.name}."), "") if module else ""
    made = (given, facts.symbols.name(value))  # an own function may say that it returns a float
    return value not in made and any(one in _COMPUTING or facts.own_function(one) in facts.function for one in made)


def _in_loop_handlers(facts: Facts) -> bool:
    return any(h.loop for m in facts.shipped for h in m.handlers)
