"""PF: performance."""

from __future__ import annotations

import re
import sys

from agentctl.checklist import frameworks
from agentctl.checklist.answer import Answer, counted, failed, not_applicable, passed, places, unknown, weak
from agentctl.checklist.facts import wiring
from agentctl.checklist.facts.index import Facts
from agentctl.checklist.facts.model import Call, Value
from agentctl.checklist.ships import Ships
from agentctl.results import Confidence

_HOPS = 5
_STARTS = re.compile(
    r"_?(main|create_app|build|make_app|get_app|lifespan|(on_)?startup|setup|start|serve|configure)(_|$)"
)
_START_HOOKS = (
    "before_app_serving", "before_serving", "while_serving", "while_app_serving", "before_app_first_request",
    "before_first_request", "before_server_start", "main_process_start",
)  # fmt: skip
_START_EVENTS = {b"startup", b"before_server_start", b"main_process_start"}
_CLIENT_LIKE = re.compile(
    r"^[^()]*\.([A-Z]\w*)?(Client|Service|LLM|LM|Model|Search|Retriever|Connection|Session|Server)$"
)
_HANDED = ("provider", "client", "http_client", "openai_client", "anthropic_client", "async_client", "session")
_CHILDREN = (
    "subprocess.run", "subprocess.call", "subprocess.check_call", "subprocess.check_output", "subprocess.Popen",
    "asyncio.create_subprocess_exec", "asyncio.create_subprocess_shell", "os.system", "os.popen",
)  # fmt: skip
_NETWORK = {"socket", "http", "urllib", "smtplib", "ftplib", "imaplib", "poplib", "telnetlib", "xmlrpc", "ssl"}
_OWN_CACHE = re.compile(r"(^|[._?])_*(\w+_)?cached?(_\w+)?(\[\]|\(\))?$", re.IGNORECASE)


def pf01(facts: Facts, _ships: Ships) -> Answer:
    """Are results that are expensive to get cached, with a bound and an expiry?

    Why: guide 0 "Caching Strategies", guides 1, 2, 3 and 4.
    Counts: a cache with an expiry that is used (cachetools TTLCache, cashews, aiocache, diskcache, Redis with expiry).
    Does not count: ``lru_cache`` for settings and clients. A cache of its own that is looked into warns.
    Closed: never.
    Mend: keep expensive results in a TTLCache or Redis with an expiry and a key per question.
    """
    found = [c for c in facts.called(*frameworks.CACHES) if c.args or c.keywords or c.name.endswith("TTLCache")]
    redis = [c for c in facts.ending("setex", "set") if c.name.startswith("redis.") and
             (c.name.endswith(".setex") or c.has("ex", "px", "exat"))]  # fmt: skip
    if found or redis:
        return passed("results are cached with a bound or an expiry", places([*found, *redis]))
    own = [m for module in facts.shipped for m in module.compared if _OWN_CACHE.search(m.name)]
    if own:
        return weak("results are kept in a cache of its own, without a bound or an expiry that is known",
                    "use a cache with both, for example a TTLCache", places(own))  # fmt: skip
    return unknown(
        "no cache with a bound and an expiry was found", "cache expensive results, for example in a TTLCache"
    )


def pf02(facts: Facts, _ships: Ships) -> Answer:
    """Are connections pooled and clients reused, never built per request?

    Why: guide 0 "Connection Pooling", guides 3 and 4.
    Counts: known clients made at module level, in a constructor, in a lifespan, in what the framework calls once at its
    start or in a cached factory, or in a factory that only what starts the program calls; clients around a pool that is
    handed in.
    Does not count: ``requests.get`` and the like outside a cached function, which connect anew each time.
    Closed: n/a when nothing leaves the process.
    Mend: make the client once, with the application, and hand it on.
    """
    made, bare = facts.called_as(*frameworks.CLIENTS), facts.called_as(*frameworks.BARE_CALLS)
    if not made and not bare:
        return _nothing_leaves(facts, "no client of anything outside was found")
    kept = [call for call in made if _is_kept(facts, call)]
    cached = facts.once(_cached)
    loose = [*(call for call in made if not _is_kept(facts, call)), *(c for c in bare if c.function not in cached)]
    others = places([call for call in _other_ways(facts) if not _is_kept(facts, call)])
    if kept and not loose and others:
        return weak(f"{counted(kept, 'known client')} kept; how {others[0].symbol} connects cannot be told",
                    "make each client once, with the application", [*others, *places(kept)],
                    confidence=Confidence.MEDIUM)  # fmt: skip
    if kept and not loose:
        return passed(f"{counted(kept, 'known client')} made once and kept, none per call", places(kept))
    hint = "make the client once, with the application, and hand it on"
    return weak(f"{len(kept)} of {len(made) + len(bare)} clients are kept; the others are made for each call", hint,
                places(loose), confidence=Confidence.MEDIUM)  # fmt: skip


def pf05(facts: Facts, _ships: Ships) -> Answer:
    """Does every call that leaves the process have a timeout?

    Why: guide 0 "asyncio.wait_for", guides 1, 2 and 3 "timeouts".
    Counts: a timeout given to the client, to the call, or around it (``asyncio.timeout``, ``wait_for``).
    Does not count: a library's default that the code does not set.
    Closed: for known clients: when none of them, and nothing around them, sets a timeout; n/a when nothing can leave.
    Mend: give each client a timeout from the settings.
    """
    made = facts.called_as(*frameworks.CLIENTS)
    bare = facts.called_as(*frameworks.BARE_CALLS)
    if not made and not bare:
        return _children(facts) or _nothing_leaves(facts, "no outgoing call that is known was found")
    around = facts.called(*frameworks.TIMEOUT_BLOCKS)
    timed = [call for call in [*made, *bare] if _has_timeout(facts, call)]
    untimed = [call for call in [*made, *bare] if not _has_timeout(facts, call)]
    total = len(made) + len(bare)
    others = places(_other_ways(facts))
    if not untimed and others:
        return weak(f"the {total} known calls set a timeout; {others[0].symbol} leaves too, and nothing shows how long",
                    f"set a timeout for {others[0].symbol}", [*others, *places(timed)],
                    confidence=Confidence.MEDIUM)  # fmt: skip
    if not untimed:
        return passed(f"every outgoing call that is known sets a timeout ({total})", places(timed))
    named = {m.path for m in facts.shipped if any("timeout" in text.name for text in m.strings)}
    handed = [call for call in facts.given("**") if call.path in named
              and call.name.partition("().")[0] in {one.name for one in untimed}]  # fmt: skip
    if handed and not timed and not around:
        return unknown(f"none of the {total} known clients and calls sets a timeout, unless what they are handed does",
                       "name the timeout where the client is made", places(handed))  # fmt: skip
    if timed or around:
        return weak(f"{len(timed)} of {total} known clients and calls set a timeout",
                    f"set a timeout for {untimed[0].name}", places(untimed))  # fmt: skip
    return failed(f"no outgoing call that is known sets a timeout ({total})", f"set a timeout for {untimed[0].name}",
                  places(untimed), confidence=Confidence.MEDIUM)  # fmt: skip


# ---------------------------------------------------------------- what the checks look for


def _children(facts: Facts) -> Answer | None:
    """Return that child processes are started, which leave too and may hang."""
    started = [call for call in facts.called(*_CHILDREN) if not _has_timeout(facts, call)]
    return unknown("nothing is called over a network that is known; child processes are started without a timeout",
                   f"set a timeout for {started[0].name}", places(started)) if started else None  # fmt: skip


def _nothing_leaves(facts: Facts, words: str) -> Answer:
    """Return n/a when every import is known to stay within the process, else unknown."""
    stays = set(frameworks.LOCAL_PACKAGES) | (set(sys.stdlib_module_names) - _NETWORK)
    others = sorted(facts.external - stays)
    if facts.shipped and not others:
        return not_applicable("nothing that is imported leaves the process")
    return unknown(words, f"say how {', '.join(others[:3]) or 'it'} reaches what is outside, and give it a timeout")


def _other_ways(facts: Facts) -> list[Call]:
    """Return what leaves the process through libraries whose clients are not known one by one, and sets no timeout."""
    used = [call for call in facts.called(*frameworks.NETWORKED) if _CLIENT_LIKE.search(call.name)]
    return [call for call in used if not call.has(*_HANDED) and not _has_timeout(facts, call)]


def _is_kept(facts: Facts, call: Call) -> bool:
    """Return whether a client is made at module level, in a constructor, in a cached factory or before a ``yield``."""
    if call.function in facts.symbols.modules or call.function in facts.class_by_name:
        return True
    function = facts.function.get(call.function)
    if function is None or call.loop:
        return False
    once = function.name in facts.once(_cached) or function.name in facts.once(_hooks)
    pooled = call.has("http_client", "connection_pool", "connector")  # what connects is kept elsewhere
    kept = function.short in {"__init__", "__aenter__", "__post_init__"} or once or pooled or bool(function.yields)
    return kept or _runs_at_start(facts, function.name, _HOPS)


def _runs_at_start(facts: Facts, name: str, hops: int) -> bool:
    """Return whether a factory is only called where something starts, and by nothing that a request reaches."""
    callers = facts.callers.get(name, ())
    if not callers or hops == 0 or name in facts.once(wiring.on_requests):
        return False
    return all(_is_start(facts, caller) or _runs_at_start(facts, caller, hops - 1) for caller in callers)


def _is_start(facts: Facts, name: str) -> bool:
    function = facts.function.get(name)
    if function is None:  # a module or a class
        return True
    short = function.short
    once = name in facts.once(_cached) or name in facts.once(_hooks)
    return short == "__init__" or bool(function.yields) or bool(_STARTS.match(short)) or once


def _cached(facts: Facts) -> set[str]:
    return {f.name for f in facts.functions if any("cache" in facts.symbols.name(d) for d in f.decorators)}


def _hooks(facts: Facts) -> set[str]:
    """Return the own functions that a framework calls once, when it starts."""
    found = {str(c.args[-1]) for c in facts.ending(*_START_HOOKS) if c.role == "decorator" and c.args}
    for call in facts.ending("on_event", "listener", "add_event_handler"):
        if call.args and call.args[0] in _START_EVENTS:
            found.add(facts.own_function(facts.symbols.name(str(call.args[-1]))))
    handed = [v for c in facts.ending("append") if ".on_startup." in c.raw for v in c.args]
    handed += [v for c in facts.given("on_startup") for v in _listed(c.keywords["on_startup"])]
    return found | {facts.own_function(facts.symbols.name(value)) for value in handed if isinstance(value, str)}


def _listed(value: Value) -> tuple[Value, ...]:
    return value if isinstance(value, tuple) else ()


def _has_timeout(facts: Facts, call: Call) -> bool:
    if any("timeout" in word or word in frameworks.TIMEOUT_WORDS for word in call.keywords):
        return True
    return facts.once(_timed_sends).get(call.name, False)


def _timed_sends(facts: Facts) -> dict[str, bool]:
    """Return, by the client's name, whether everything that is sent with it has a timeout."""
    found: dict[str, bool] = {}
    for call in facts.ending(*frameworks.SEND_METHODS):
        client, made, _ = call.name.partition("().")
        if made:
            found[client] = found.get(client, True) and any("timeout" in word for word in call.keywords)
    return found
