"""RL: another way when the first fails."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agentctl.checklist import frameworks
from agentctl.checklist.answer import Answer, passed, place, places, unknown, weak
from agentctl.checklist.checks import attempts
from agentctl.checklist.facts.index import Facts
from agentctl.checklist.facts.model import FIRST, Call, Handler
from agentctl.checklist.ships import Ships
from agentctl.results import Confidence, Location

_OTHER_WAY = re.compile(r"fallback|degraded|default_answer|backup_model|secondary", re.IGNORECASE)
_ANOTHER = (
    "fallbacks", "fallback_models", "fallback_model", "fallback_llm", "fallback_function", "fallback_response",
    "fallback_client", "fallback_provider", "context_window_fallbacks", "fallback_agent", "fallback_agents",
    "fallback_agent_config", "fallback_chain", "fallback_llms", "model_fallbacks", "backup_model", "backup_llm",
    "backup_client", "secondary_model", "fallback_providers",
)  # fmt: skip
_NAMED_FOR = re.compile(
    r"(fallback|backup|secondary|degraded)_?(\w+_)?(model|llm|provider|client|engine|chain|answer|response|reply|message|agent|mode|search)"
    r"|(model|llm|provider|search|answer|response)_?fallback",
    re.IGNORECASE,
)
# What is no failure of a call that leaves, and functions that are no second way of the first.
_NO_OUTAGE = re.compile(
    r"(NotFound\w*|DoesNotExist|AlreadyExists\w*|KeyError|ValueError|TypeError|AttributeError|ImportError|Unicode\w*|JSON\w*"
    r"|ModuleNotFoundError|FileNotFoundError|StopIteration|Cancelled\w*|KeyboardInterrupt|ValidationError|IntegrityError)$"
)
_NO_OTHER_WAY = re.compile(
    r"[._](retry|reconnect|again|create|notify|report|handle|log|send|\w*(error|fail)\w*)(_\w+)?$"
)
# Asked again in a handler, of another model or with other words, it is a second way.
_SECOND = re.compile(rf"{attempts.MODEL_CALL.pattern}|(^|\.)(get|search|fetch|a?embed\w*)$")
_KEPT_ANSWER = re.compile(
    r"(^|[._])\w*(cached?|stale|last_known|last_good)\w*(\(\)|\[\])?\.(get|load|read|fetch|lookup)\w*$"
    r"|(^|[._])_*(get|load|read|use|from|return|fetch)_(\w+_)?(cached?|stale|last_known|last_good)\w*$",
    re.IGNORECASE,
)
_PLAIN_WAY = re.compile(
    r"(^|[._])(default|simple|simpler|basic|static|offline|naive|rules?_?based|heuristics?|keyword|regex|canned|alternative)(_|$)"
    r"|local_(search|model|llm|embed\w*|answer|inference|summar\w+)",
    re.IGNORECASE,
)
_ALTERNATIVE = re.compile(
    r"^\?(\w+_)?(provider|model|client|backend|engine|llm|endpoint|mirror|deployment|strategy|retriever|region)(_\w+)?$"
)
_ENDING = re.compile(r"stop|shutdown|close|cancel|clean|drain|aexit|terminate", re.IGNORECASE)
_GOING_ON = ("handle_parsing_errors", "handle_tool_errors", "handle_tool_error", "return_exceptions", "skip_invalid")
_SENTENCE, _GIVEN = "''", "()"
_NO_SECOND = "no second model or provider was found"


def rl03(facts: Facts, _ships: Ships) -> Answer:
    """Is there a fallback when the first way fails (second model, plain text, cached or default answer)?

    Why: guide 0 "fallback", guide 1 "Error Handling and Resilience", guide 3 "Graceful Degradation".
    Counts: a framework's fallback model or ``with_fallbacks``; a handler that calls another way, named for it, asks
    with something that is (``backup_model``), or answers with what another function of its own asks elsewhere, with a
    function that is named for a plainer way or with what a cache holds; a function named for a fallback that is called
    behind a handler which goes on; one that asks a model again otherwise; a loop through models, clients or providers
    that ends with the first answer; several that answer with what their function was handed (the text that could not be
    summarised).
    Does not count: a handler that only logs, or that returns what went wrong. Where a call that leaves failed these
    warn: going on with what there was, with nothing or with what did not fail, a reply that stands in the code, another
    client, a failure that a handler names and bears; and so does what is named for a fallback without being seen to be
    one.
    Closed: never.
    Mend: answer from a second model, then with a plain answer, and count both.
    """
    found = [*facts.used(frameworks.FALLBACKS)]
    found += places([*facts.ending("with_fallbacks"), *_given_another(facts)])
    if found:
        return passed("a fallback is wired", found)
    degraded = [*_degrading(facts), *_handing_back(facts), *_asking_elsewhere(facts), *_otherwise(facts)]
    if degraded:
        return passed("a handler answers in another way when the first fails", degraded, confidence=Confidence.MEDIUM)
    words = facts.worded(lambda word: "fallback" in word.lower())
    named = [c for c in words if facts.own_function(c.name) in facts.function]
    handled = [c for c in named if _after_asking(facts, c) or _tries_others(facts, c)]
    if handled:
        return passed("a fallback of its own is called where an outgoing call failed", places(handled),
                      confidence=Confidence.MEDIUM)  # fmt: skip
    if named:
        return weak("functions are named for a fallback, but nothing shows that a failed call leads to them",
                    "call them where the outgoing call fails", places(named))  # fmt: skip
    hint = "answer from a second model or a plain answer when the first fails"
    for kept, told in _half_ways(facts):
        if kept:
            return weak(told, hint, kept)
    meant = _meant(facts)
    if meant:
        return weak("something is named for a fallback, and nothing shows that a failed call leads to it", hint, meant)
    return unknown("no fallback was found", hint)


def _degrading(facts: Facts) -> list[Location]:
    """Return the handlers that answer, do not raise, and use something that is called a fallback or degraded."""
    found = []
    for module in facts.shipped:
        for handler in module.handlers:
            called = attempts.inside(facts, handler)
            words = " ".join(part for c in called for part in (c.raw, *c.args, *c.keywords, *c.keywords.values())
                             if isinstance(part, str))  # fmt: skip
            if _tried(facts, handler, attempts.ASKING):
                words = " ".join([words, *handler.substitutes])
            if not handler.raises and _OTHER_WAY.search(words) and (handler.answers or _asks_other(facts, handler)):
                found.append(place(handler))
    return found


def _asks_other(facts: Facts, handler: Handler) -> bool:
    """Return whether a handler calls what leaves the process with something that is named for another way."""
    tried = {call.raw for call in attempts.tried(facts, handler)}
    called = (c for c in attempts.inside(facts, handler) if c.raw in tried or attempts.is_asking(facts, c))
    values = (value for c in called for value in (c.raw, *c.args, *c.keywords.values()))
    return any(isinstance(value, str) and _OTHER_WAY.search(value) for value in values)


def _given_another(facts: Facts) -> list[Call]:
    return [c for word in _ANOTHER for c in facts.given(word) if c.keywords[word] is not None]


def _handing_back(facts: Facts) -> list[Location]:
    """Return the handlers around a model's call that answer with what their function was handed, where several do."""
    found = []
    for module in facts.shipped:
        for handler in module.handlers:
            function = facts.function.get(handler.function)
            handed = {p.name for p in function.parameters} - {"self"} if function and not handler.raises else set()
            if not handed.isdisjoint(handler.substitutes) and _tried(facts, handler, attempts.MODEL_CALL):
                found.append(place(handler))
    return found if len(found) > 1 else []


def _tried(facts: Facts, handler: Handler, pattern: re.Pattern[str]) -> bool:
    """Return whether what a handler stands around calls something of a name."""
    return any(pattern.search(call.name) for call in attempts.tried(facts, handler))


def _meant(facts: Facts) -> list[Location]:
    """Return the functions, fields and parameters that are named for another model, answer or way."""
    functions = [*facts.named(_NAMED_FOR.search), *facts.taking(_NAMED_FOR.search)]
    return places([*functions, *(k for k in facts.classes if any(map(_NAMED_FOR.search, k.fields)))])


def _after_asking(facts: Facts, call: Call) -> bool:
    """Return whether a call stands in a handler around an outgoing call, or behind one that goes on to it."""
    handlers = facts.handlers_in.get(call.function, ())
    within = [h for h in handlers if h.line <= call.line <= h.end]
    before = [h for h in handlers if h.end < call.line and not (h.raises or h.answers or h.loop)]
    return any(attempts.asks(facts, handler) for handler in (*within, *before))


def _tries_others(facts: Facts, call: Call) -> bool:
    """Return whether what a call runs goes through several ways in a loop, the next one when one fails."""
    return any(h.loop for h in facts.handlers_in.get(facts.own_function(call.name), ()))


def _half_ways(facts: Facts) -> Iterator[tuple[list[Location], str]]:
    """Yield what handlers do in place of what failed, each with the words for it, the nearest to a fallback first."""
    making = {(c.path, c.function, c.line) for c in facts.called_as(*frameworks.CLIENTS)}
    quiet = [h for module in facts.shipped for h in module.handlers if not h.raises]
    failed = [h for h in quiet if h.substitutes and attempts.leaves(facts, h)]
    other = [h for h in quiet if any((h.path, h.function, line) in making for line in range(h.line, h.end + 1))]
    yield _spots(other), "a handler makes another client when something fails; whether that answers is not seen"
    replied = [h for h in failed if _SENTENCE in h.substitutes]
    yield _spots(replied), f"a reply that stands in the code is given when a call fails; {_NO_SECOND}"
    kept = [h for h in failed if any(not one.endswith(_GIVEN) for one in h.substitutes)]
    yield _spots(kept), f"handlers go on with what there was, or with nothing, when a call fails; {_NO_SECOND}"
    borne = [h for h in quiet if attempts.is_of_outage(h) and (h.silent or h.logs)]
    borne = [h for h in borne if not (h.answers or h.loop or _ENDING.search(h.function))]
    yield _spots(borne), f"a failed call is borne, and the rest goes on without it; {_NO_SECOND}"
    going = [c for word in _GOING_ON for c in facts.given(word) if _is_told(c, word) and not _ENDING.search(c.function)]
    yield places(going), f"what failed is left out, or told to the model, and the rest goes on; {_NO_SECOND}"


def _is_told(call: Call, word: str) -> bool:
    """Return whether an option is set; what a caller may choose is not."""
    value = call.keywords[word]
    return value is True or isinstance(value, bytes) or (isinstance(value, str) and "." in value)


def _asking_elsewhere(facts: Facts) -> list[Location]:
    """Return the handlers that answer with what another own function gives, which leaves the process too."""
    quiet = (h for module in facts.shipped for h in module.handlers if not h.raises and h.answers)
    return _spots([h for h in quiet if _asks_another(facts, h) and attempts.leaves(facts, h)])


def _otherwise(facts: Facts) -> list[Location]:
    """Return the handlers that ask again otherwise, or answer plainly or from a cache, and those of a chain."""
    quiet = (h for module in facts.shipped for h in module.handlers if not h.raises and not _is_no_outage(h))
    return _spots([h for h in quiet if _asks_otherwise(facts, h) or _answers_plainly(facts, h) or _chains(facts, h)])


def _is_no_outage(handler: Handler) -> bool:
    return bool(handler.types) and all(map(_NO_OUTAGE.search, handler.types))


def _asks_otherwise(facts: Facts, handler: Handler) -> bool:
    """Return whether a handler asks by the same method what it stands around, of another or with other words."""
    again = [c for c in attempts.inside(facts, handler) if _is_question(facts, c)]
    first = [c for c in attempts.tried(facts, handler) if _is_question(facts, c)] if again else []
    return any(
        one.raw.rpartition(".")[2] == other.raw.rpartition(".")[2]
        and (one.raw, one.args, one.keywords) != (other.raw, other.args, other.keywords)
        for one in again for other in first
    )  # fmt: skip


def _is_question(facts: Facts, call: Call) -> bool:
    """Return whether a call asks a model or fetches, or is of own code that leaves the process for it."""
    own = facts.own_function(call.name)
    asking = own in attempts.asking(facts) if own in facts.function else attempts.is_asking(facts, call)
    return bool(_SECOND.search(call.name)) and asking


def _answers_plainly(facts: Facts, handler: Handler) -> bool:
    """Return whether a handler answers by a plainer way of its own, or with what a cache holds."""
    given = {one.removesuffix(_GIVEN) for one in handler.substitutes if one.endswith(_GIVEN)}
    if not given or not attempts.leaves(facts, handler):
        return False
    calls = [c for c in attempts.inside(facts, handler) if c.raw.rpartition(".")[2] in given]
    own = [c for c in calls if facts.own_function(c.name) in facts.function and not _NO_OTHER_WAY.search(c.raw)]
    return any(_KEPT_ANSWER.search(c.raw) for c in calls) or any(_PLAIN_WAY.search(c.raw) for c in own)


def _chains(facts: Facts, handler: Handler) -> bool:
    """Return whether a loop goes through models or providers until the first of them answers."""
    function = facts.function.get(handler.function) if handler.loop else None
    if function is None or (handler.start, handler.function) not in facts.once(_firsts):
        return False
    given = {f"?{parameter.name}" for parameter in function.parameters}  # the same one in each round
    looped = [c for c in attempts.tried(facts, handler) if c.loop and attempts.is_asking(facts, c)]
    values = {value for c in looped for value in (c.raw.partition(".")[0], *c.args, *c.keywords.values())} - given
    return any(isinstance(value, str) and _ALTERNATIVE.match(value) for value in values)


def _firsts(facts: Facts) -> set[tuple[int, str]]:
    """Return where something is tried in a loop that ends with the first success: line and function."""
    return {(m.line, m.function) for module in facts.shipped for m in module.compared if m.name == FIRST}


def _asks_another(facts: Facts, handler: Handler) -> bool:
    given = {one.removesuffix(_GIVEN) for one in handler.substitutes if one.endswith(_GIVEN)}
    if not given or _is_no_outage(handler):
        return False
    before = {facts.own_function(call.name) for call in attempts.tried(facts, handler)} | {handler.function}
    asked = {facts.own_function(c.name) for c in attempts.inside(facts, handler) if c.raw.rpartition(".")[2] in given}
    return any(name in attempts.asking(facts) and not _NO_OTHER_WAY.search(name) for name in asked - before)


def _spots(handlers: list[Handler]) -> list[Location]:
    return [Location(path=h.path, line=h.line, symbol=h.function) for h in handlers]
