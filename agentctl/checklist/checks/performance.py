"""PF: performance."""

from __future__ import annotations

import re
import sys

from agentctl.checklist import frameworks
from agentctl.checklist.answer import Answer, failed, not_applicable, passed, place, places, unknown, weak
from agentctl.checklist.facts.index import Facts
from agentctl.checklist.facts.model import Call, Mention, Value
from agentctl.checklist.ships import Ships
from agentctl.results import Confidence

_CLIENT_LIKE = re.compile(
    r"^[^()]*\.([A-Z]\w*)?(Client|Service|LLM|LM|Model|Search|Retriever|Connection|Session|Server|DocumentStore|Generator)$"
)
_OF_DATA = re.compile(r"^(azure|qdrant_client)\..*\bmodels\.|^google\.(genai|cloud)\..*\btypes\.|^weaviate\.classes\.")
_HANDED = ("provider", "client", "http_client", "openai_client", "anthropic_client", "async_client", "session")
_CHILDREN = (
    "subprocess.run", "subprocess.call", "subprocess.check_call", "subprocess.check_output", "subprocess.Popen",
    "asyncio.create_subprocess_exec", "asyncio.create_subprocess_shell", "os.system", "os.popen",
)  # fmt: skip
_SENDING = ("session", "http_client", "http_session")
_TIMEOUTS = ("timeout", "request_timeout", "timeout_ms", "connect_timeout", "read_timeout", "query_timeout")
_NOT_OUTSIDE = ("subprocess", "threading", "queue", "multiprocessing", "asyncio.create_subprocess_exec")
_NETWORK = {"socket", "http", "urllib", "smtplib", "ftplib", "imaplib", "poplib", "telnetlib", "xmlrpc", "ssl"}
_OWN_CACHE = re.compile(r"(^|[._?])_*(\w+_)?cached?(_\w+)?(\[\]|\(\))?$", re.IGNORECASE)
_OWN_AGE = re.compile(r"ttl|expir|max_age|lifetime|timeout_seconds", re.IGNORECASE)
_OF_ELSE = re.compile(
    r"token|auth|jwk|credential|secret|lock|health|heartbeat|update_check|version|metric|status|nonce|credit",
    re.IGNORECASE,
)
_AGES = ("ttl", "expire_after", "expire", "timeout")
_KEPT_OBJECT = re.compile(
    r"client|settings|config|model|llm|tokeni[sz]er|encod(er|ing)|engine|session|logger|pattern|template|schema|type"
    r"|instance|pool|driver|service|registry|provider|graph|agent|prompt|log|tool|retriever|handler", re.IGNORECASE,
)  # fmt: skip
_PROMPT_CACHES = {"cache_control", "cachePoint"}
_ENOUGH = 0.90  # of the calls with a timeout


def pf01(facts: Facts, _ships: Ships) -> Answer:
    """Are results that are expensive to get cached, with a bound and an expiry?

    Why: guide 0 "Caching Strategies", guides 1, 2, 3 and 4.
    Counts: a cache with an expiry that is used (cachetools TTLCache, cashews, aiocache, diskcache, Redis with expiry,
    Streamlit's with a ttl), or one of its own that is looked into and whose entries grow too old.
    Does not count: ``lru_cache`` for settings and clients. A cache without an expiry warns: one of
    its own, ``lru_cache`` over what a function is asked, Streamlit's, the provider's for prompts.
    Closed: never.
    Mend: keep expensive results in a TTLCache or Redis with an expiry and a key per question.
    """
    found = [c for c in facts.called(*frameworks.CACHES) if c.args or c.keywords or c.name.endswith("TTLCache")]
    redis = [c for c in facts.ending("setex", "set") if c.name.startswith("redis.") and
             (c.name.endswith(".setex") or c.has("ex", "px", "exat")) and not _is_of_a_tool(facts, c)]  # fmt: skip
    plain = facts.called_as(*frameworks.RESULT_CACHES)
    aging = [call for call in plain if call.has(*_AGES)]
    if found or redis or aging:
        return passed("results are cached with a bound or an expiry", places([*found, *redis, *aging]))
    own = [m for module in facts.shipped for m in module.compared if _OWN_CACHE.search(m.name)]
    old = [m for m in own if _OWN_AGE.search(m.name) and not _OF_ELSE.search(f"{m.function}.{m.name}")]
    if old:
        return passed("results are kept in a cache of its own, whose entries grow too old", places(old),
                      confidence=Confidence.MEDIUM)  # fmt: skip
    if own:
        return weak("results are kept in a cache of its own, without a bound or an expiry that is known",
                    "use a cache with both, for example a TTLCache", places(own))  # fmt: skip
    kept = [*plain, *_remembering(facts), *_own_caches(facts), *_of_prompts(facts)]
    if kept:
        return weak("results are kept without an expiry that is known", "give the cache an expiry, as a TTLCache has",
                    places(kept))  # fmt: skip
    return unknown(
        "no cache with a bound and an expiry was found", "cache expensive results, for example in a TTLCache"
    )


def pf05(facts: Facts, _ships: Ships) -> Answer:
    """Does every call that leaves the process have a timeout?

    Why: guide 0 "asyncio.wait_for", guides 1, 2 and 3 "timeouts".
    Counts: a timeout given to the client, to the call, or around it (``asyncio.timeout``, ``wait_for``), to the client
    that a session is handed to, or among the options that are spread into it (``Client(**options)``). What a module
    asks while it is imported is left aside where others set one.
    Does not count: a library's default that the code does not set.
    Closed: for known clients: when none of them, and nothing around them, sets a timeout; n/a when nothing can leave.
    Mend: give each client a timeout from the settings.
    """
    made = [call for call in facts.called_as(*frameworks.CLIENTS) if not is_a_file(call)]
    bare = facts.called_as(*frameworks.BARE_CALLS)
    if not made and not bare:
        return _unknown_calls(facts)
    around = facts.called(*frameworks.TIMEOUT_BLOCKS)
    timed = [call for call in [*made, *bare] if has_timeout(facts, call)]
    untimed = [call for call in [*made, *bare] if not has_timeout(facts, call)]
    aside = [call for call in untimed if timed and _is_asked_at_start(facts, call)]
    untimed = [call for call in untimed if call not in aside]
    total = len(timed) + len(untimed)
    others = places(other_ways(facts))
    if len(timed) >= _ENOUGH * total and others:
        return weak(f"{_most(timed, total)} a timeout; {others[0].symbol} leaves too, and nothing shows how long",
                    f"set a timeout for {others[0].symbol}", [*others, *places(timed)],
                    confidence=Confidence.MEDIUM)  # fmt: skip
    if not untimed:
        start = f", but for {aside[0].name} while it starts" if aside else ""
        return passed(f"every outgoing call that is known sets a timeout ({total}){start}", places([*timed, *aside]))
    hint = f"set a timeout for {untimed[0].name}"
    if len(timed) >= _ENOUGH * total:
        return passed(f"{_most(timed, total)} a timeout, {untimed[0].name} ({place(untimed[0])}) does not",
                      [*places(untimed[:2]), *places(timed)], confidence=Confidence.MEDIUM)  # fmt: skip
    if timed or around:
        return weak(f"{len(timed)} of {total} known clients and calls set a timeout", hint, places(untimed))
    elsewhere = _named(facts, untimed)
    if elsewhere:
        return weak(f"none of the {total} known clients and calls sets a timeout itself; one is named elsewhere",
                    hint, [*places(elsewhere), *places(untimed)], confidence=Confidence.MEDIUM)  # fmt: skip
    return failed(f"no outgoing call that is known sets a timeout ({total})", hint, places(untimed),
                  confidence=Confidence.MEDIUM)  # fmt: skip


# ---------------------------------------------------------------- what the checks look for


def _unknown_calls(facts: Facts) -> Answer:
    """Answer where no outgoing call is known: by the timeouts that are set, and by the child processes."""
    ways = [call for call in facts.called(*frameworks.NETWORKED, *frameworks.DATABASES)
            if _CLIENT_LIKE.search(call.name) or call.name in frameworks.DATABASES]  # fmt: skip
    ways += facts.called_as(*frameworks.SESSIONS)
    timed = [call for call in ways if has_timeout(facts, call)]
    if ways and len(timed) == len(ways):
        return passed(f"every client that is made sets a timeout ({len(ways)})", places(timed),
                      confidence=Confidence.MEDIUM)  # fmt: skip
    set_ = [*timed, *_named(facts, ways), *facts.called(*frameworks.TIMEOUT_BLOCKS)]
    if set_:
        return weak("a timeout is set, and not every way out is known", "give each call that leaves a timeout",
                    [*places(set_), *places(ways)], confidence=Confidence.MEDIUM)  # fmt: skip
    children = facts.called_as(*_CHILDREN)
    started = [call for call in children if not has_timeout(facts, call)]
    if started and len(started) < len(children):
        return weak(f"{len(children) - len(started)} of {len(children)} starts of child processes set a timeout",
                    f"set a timeout for {started[0].name}", places(started))  # fmt: skip
    if started:
        return unknown("nothing is called over a network that is known; child processes are started without a timeout",
                       f"set a timeout for {started[0].name}", places(started))  # fmt: skip
    return nothing_leaves(facts, "no outgoing call that is known was found")


def _named(facts: Facts, untimed: list[Call]) -> list[Mention | Call]:
    """Return the timeouts that are named beside what leaves: given to other calls, or a key of what is handed over."""
    keys = [
        text for module in facts.shipped for text in module.strings if "timeout" in text.name and "." not in text.name
    ]
    given = [
        call
        for call in facts.given(*_TIMEOUTS)
        if not frameworks.is_one_of(call.name, _NOT_OUTSIDE) and call.keywords.get("timeout", 1) is not None
    ]
    paths = {call.path for call in untimed}
    return [*(call for call in given if call.path in paths or not untimed), *keys]


def _most(timed: list[Call], total: int) -> str:
    return f"the {total} known calls set" if len(timed) == total else f"{len(timed)} of {total} known calls set"


def _is_of_a_tool(facts: Facts, call: Call) -> bool:
    """Return whether a call is what a tool is for: it keeps what somebody hands it, no result."""
    function = facts.function.get(call.function)
    return bool(function and any(name.endswith(".tool") for name in function.decorators))


def _remembering(facts: Facts) -> list[Call]:
    """Return where ``lru_cache`` keeps what a function answers to what it is asked, rather than an object."""
    found = []
    for call in facts.called("functools.lru_cache", "functools.cache"):
        function = facts.function.get(str(call.args[-1])) if call.args and call.role == "decorator" else None
        asked = function and [one for one in function.parameters if one.name not in {"self", "cls"}]
        if function and asked and not _KEPT_OBJECT.search(function.short):
            found.append(call)
    return found


def _own_caches(facts: Facts) -> list[Call]:
    """Return where a class of its own is made that is named for a cache."""
    kinds = {kind.name for kind in facts.classes if re.search(r"Cache$", kind.short) and kind.methods}
    kinds = {name for name in kinds if not _OF_ELSE.search(name)}
    return [call for name in sorted(kinds) for call in facts.ending(name.rpartition(".")[2]) if call.name == name]


def _of_prompts(facts: Facts) -> list[Mention]:
    """Return where the provider is told how much of a prompt to keep."""
    return [text for module in facts.shipped for text in module.strings if text.name in _PROMPT_CACHES]


def is_a_file(call: Call) -> bool:
    """Return whether an engine is made for a file of SQLite, which is in the process."""
    return bool(call.args) and isinstance(call.args[0], bytes) and call.args[0].startswith(b"sqlite")


def nothing_leaves(facts: Facts, words: str) -> Answer:
    """Return n/a when every import is known to stay within the process, else unknown."""
    stays = set(frameworks.LOCAL_PACKAGES) | (set(sys.stdlib_module_names) - _NETWORK)
    others = sorted(facts.external - stays)
    if facts.shipped and not others:
        return not_applicable("nothing that is imported leaves the process")
    return unknown(words, f"say how {', '.join(others[:3]) or 'it'} reaches what is outside, and give it a timeout")


def other_ways(facts: Facts) -> list[Call]:
    """Return what leaves the process through libraries whose clients are not known one by one, and sets no timeout."""
    return [call for call in other_clients(facts) if not has_timeout(facts, call)]


def other_clients(facts: Facts) -> list[Call]:
    """Return where clients are made of libraries whose clients are not known one by one."""
    used = [call for call in facts.called(*frameworks.NETWORKED) if _CLIENT_LIKE.search(call.name)]
    return [call for call in used if not call.has(*_HANDED) and not _OF_DATA.search(call.name)]


def has_timeout(facts: Facts, call: Call) -> bool:
    """Return whether a client or a call sets a timeout, or all that is sent with the client does."""
    if any("timeout" in word or word in frameworks.TIMEOUT_WORDS for word in call.keywords):
        return True
    sent = facts.once(_timed_sends).get(call.name, False)
    return sent or _is_handed_on(facts, call) or _is_spread(facts, call)


def _is_spread(facts: Facts, call: Call) -> bool:
    """Return whether a timeout is among options that are spread into a call, made there or by an own function."""
    options = call.keywords.get("**")
    if isinstance(options, tuple):
        return any(isinstance(key, bytes) and b"timeout" in key for key in options)
    if not isinstance(options, str):
        return False
    module = facts.modules[call.path]
    made = module.values.get(options.removeprefix(f"{module.name}."), options)
    own = facts.function.get(facts.own_function(facts.symbols.name(made.removesuffix("()"))))
    given = [(module, call.function), *([(facts.modules[own.path], own.name)] if own else [])]
    return any("timeout" in text.name and text.function == name for where, name in given for text in where.strings)


def _is_asked_at_start(facts: Facts, call: Call) -> bool:
    """Return whether all that is sent with a module's client is sent while the module is imported."""
    module = facts.modules[call.path]
    sent = [c for c in module.calls if c.name.startswith(f"{call.name}().")] if call.function == module.name else []
    return bool(sent) and all(c.function == module.name for c in sent)


def _is_handed_on(facts: Facts, call: Call) -> bool:
    """Return whether a session is handed to a client beside it that is told how long to wait."""
    takers = (c for c in facts.calls_in(call.function) if any("timeout" in word for word in c.keywords))
    given = (c.keywords.get(word) for c in takers for word in _SENDING)
    return any(isinstance(value, str) and facts.symbols.name(value) == f"{call.name}()" for value in given)


def _waited_for(facts: Facts) -> set[Value]:
    """Return what is waited for no longer than a time: ``wait_for(client.get(url), 5)``."""
    return {call.args[0] for call in facts.called_as("asyncio.wait_for") if len(call.args) > 1 or call.has("timeout")}


def _timed_sends(facts: Facts) -> dict[str, bool]:
    """Return, by the client's name, whether everything that is sent with it has a timeout."""
    found: dict[str, bool] = {}
    for call in facts.ending(*frameworks.SEND_METHODS):
        client, made, _ = call.name.partition("().")
        if made:
            waited = f"{call.raw}()" in facts.once(_waited_for)
            found[client] = found.get(client, True) and (waited or any("timeout" in word for word in call.keywords))
    return found
