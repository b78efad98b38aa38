"""RL: resilience."""

from __future__ import annotations

import re

from agentctl.checklist import frameworks
from agentctl.checklist.answer import Answer, failed, not_applicable, passed, place, places, unknown, weak
from agentctl.checklist.checks.performance import _nothing_leaves
from agentctl.checklist.facts.index import Facts
from agentctl.checklist.facts.model import Call
from agentctl.checklist.ships import Ships
from agentctl.results import Confidence, Location, Verdict

_OTHER_WAY = re.compile(r"fallback|degraded|default_answer|backup_model|secondary", re.IGNORECASE)
_ASKS = {
    "invoke", "ainvoke", "run", "arun", "run_sync", "create", "acreate", "parse", "complete", "acomplete", "completion",
    "acompletion", "generate", "agenerate", "generate_content", "request", "post", "send", "chat", "achat", "stream",
    "astream", "kickoff", "kickoff_async", "predict", "apredict", "query", "aquery", "search", "asearch", "wait_for",
    "fetch", "embed", "aembed_query", "embed_query", "run_stream", "forward", "aforward",
}  # fmt: skip
_SLEEPS = ("asyncio.sleep", "time.sleep", "anyio.sleep")


def rl01(facts: Facts, _ships: Ships) -> Answer:
    """Are transient failures retried with a bound and a growing delay?

    Why: guide 2 "retries", guide 3 "Retry Logic", guide 4 "Retry Mechanisms".
    Counts: tenacity, stamina, backoff, LangChain's ``with_retry`` with a bound and a delay; a loop of its own with an
    except block and a sleep that is not constant; ``max_retries`` given to a client.
    Does not count: the retries that a client does by default.
    Closed: when known clients were found and none of them, and nothing around them, retries.
    Mend: ``@stamina.retry(on=TransientError, attempts=3)`` around the call.
    """
    used = facts.called(*frameworks.RETRIES)
    used = [call for call in used if call.name in frameworks.RETRIES or call.role == "decorator"]
    chained = facts.ending("with_retry")
    loops = _retry_loops(facts)
    good = [call for call in used if _is_bounded(call)] + chained
    if good or loops:
        return passed("transient failures are retried with a bound and a delay", [*places(good), *loops])
    set_ = facts.given("max_retries", "num_retries", "retries", "retry_policy")
    if used or set_:
        return weak("retries are there without a bound or a growing delay of their own",
                    "bound the attempts and let the delay grow", places([*used, *set_]))  # fmt: skip
    clients = facts.called_as(*frameworks.CLIENTS)
    clients += facts.called_as(*frameworks.BARE_CALLS)
    if clients and not _in_loop_handlers(facts):
        return failed(f"no outgoing call that is known is retried ({len(clients)})",
                      "wrap the calls, for example with stamina.retry", places(clients),
                      confidence=Confidence.MEDIUM)  # fmt: skip
    answer = _nothing_leaves(facts, "no retry was found")
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
    made = {call.name for call in facts.calls}
    wired = [kind for kind in own if kind.name in made]
    if wired:
        return passed("a circuit breaker of its own is made", places(wired), confidence=Confidence.MEDIUM)
    return unknown(
        "no circuit breaker was found", "wrap outgoing dependencies, for example with purgatory", places(own)
    )


def rl03(facts: Facts, _ships: Ships) -> Answer:
    """Is there a fallback when the first way fails (second model, plain text, cached or default answer)?

    Why: guide 0 "fallback", guide 1 "Error Handling and Resilience", guide 3 "Graceful Degradation".
    Counts: a framework's fallback model or ``with_fallbacks``; a handler that calls another way, named for it.
    Does not count: a handler that only logs, or that returns what went wrong. One that goes on with what it had before
    an outgoing call failed warns.
    Closed: never.
    Mend: answer from a second model, then with a plain answer, and count both.
    """
    found = [*facts.used(frameworks.FALLBACKS)]
    found += places([*facts.ending("with_fallbacks"), *facts.given("fallbacks", "fallback_models")])
    if found:
        return passed("a fallback is wired", found)
    degraded = _degrading(facts)
    if degraded:
        return passed("a handler answers in another way when the first fails", degraded, confidence=Confidence.MEDIUM)
    handled = [
        c
        for c in facts.calls
        if "fallback" in c.name.rpartition(".")[2].lower() and facts.own_function(c.name) in facts.function
    ]
    if handled:
        return passed("a fallback of its own is called", places(handled), confidence=Confidence.MEDIUM)
    kept = _kept_going(facts)
    if kept:
        return weak("handlers go on with what there was when a call fails; no second way was found",
                    "answer from a second model or a plain answer when the first fails", kept)  # fmt: skip
    return unknown("no fallback was found", "answer from a second model or a plain answer when the first fails")


# ---------------------------------------------------------------- what the checks look for


def _degrading(facts: Facts) -> list[Location]:
    """Return the handlers that answer, do not raise, and use something that is called a fallback or degraded."""
    found = []
    for module in facts.shipped:
        for handler in module.handlers:
            inside = [c for c in facts.calls_in.get(handler.function, ()) if handler.line <= c.line <= handler.end]
            words = " ".join(part for c in inside for part in (c.raw, *c.args, *c.keywords, *c.keywords.values())
                             if isinstance(part, str))  # fmt: skip
            if handler.answers and not handler.raises and _OTHER_WAY.search(words):
                found.append(place(handler))
    return found


def _kept_going(facts: Facts) -> list[Location]:
    """Return the handlers around an outgoing call that return a value that was there before."""
    found = []
    for module in facts.shipped:
        for handler in module.handlers:
            if handler.substitutes and not handler.raises:
                tried = (c for c in facts.calls_in.get(handler.function, ()) if handler.start < c.line < handler.line)
                if any(c.name.rpartition(".")[2] in _ASKS for c in tried):
                    found.append(Location(path=handler.path, line=handler.line, symbol=handler.function))
    return found


def _is_bounded(call: Call) -> bool:
    """Return whether a retry has a bound and a delay: tenacity needs both said, the others have both by default."""
    if call.name.startswith("tenacity."):
        return call.has("stop") and call.has("wait")
    if call.name.startswith("backoff."):
        return call.has("max_tries", "max_time")
    return call.keywords.get("attempts", 1) is not None


def _retry_loops(facts: Facts) -> list[Location]:
    """Return the handlers in loops of functions that sleep for a time that is no constant."""
    found = []
    for module in facts.shipped:
        for handler in module.handlers:
            sleeps = [c for c in facts.calls_in.get(handler.function, ()) if c.loop and c.name in _SLEEPS]
            growing = [
                c for c in sleeps if c.args and not isinstance(c.args[0], (int, float))
            ]
            if handler.loop and growing:
                found.append(place(handler))
    return found


def _in_loop_handlers(facts: Facts) -> bool:
    return any(h.loop for m in facts.shipped for h in m.handlers)
