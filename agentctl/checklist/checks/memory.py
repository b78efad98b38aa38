"""AR: what the agent remembers."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agentctl.checklist import absence, frameworks
from agentctl.checklist.answer import Answer, passed, place, places, unknown, weak
from agentctl.checklist.checks import design, histories
from agentctl.checklist.checks.agents import of_agents
from agentctl.checklist.facts.expressions import LAST
from agentctl.checklist.facts.index import Facts
from agentctl.checklist.facts.model import Call, Class, Function
from agentctl.checklist.ships import HOSTED, Ships
from agentctl.results import Location

_SESSION = re.compile(r"^(thread|session|conversation|user|chat|dialog|context|room|channel)_?(id|uuid|key)$")
_BOUND = re.compile(
    r"(trim|truncat|prune|compact|condens|compress|summari[sz]e)\w*(history|messages|memory|context|conversation)"
    r"|(history|messages|conversation)_(summari[sz]|summary|compact|condens|compress)"
    r"|max_?(history|messages|turns_kept|memory_(messages|turns|items|tokens))"
    r"|(history|messages)\w*(trim|truncat|prune|limit|window)|memory\w*(trim|truncat|prune|window)",  # its limit is RAM
    re.IGNORECASE,
)
_QUERY = re.compile(r"\b(query|select|filter(_by)?|find|order_by|where)\b")
_LENGTH = re.compile(
    r"max_?(history|messages|turns)|history\w*_(len(gth)?|limit|size|count|window|max)$", re.IGNORECASE
)
_CUT = re.compile(
    r"_*(trim|truncate|prune|clip|shorten|cut|compact|condense|compress|summari[sz]e)(_|$)", re.IGNORECASE
)
_SHORTENS = re.compile(  # what an object that keeps messages does to them
    r"_*(maybe_|auto_|emergency_)?(compact|condense|compress|trim|truncate|prune|summari[sz]e)(_if_needed|_now)?$"
)
_ROW_OF = re.compile(
    r"(messages?|chat|conversation|dialog(ue)?)_(stack|list|history|log)\w*$|(chat_|message_)?history$"
)
_FILED = re.compile(r"(session|thread|conversation|chat|user)(_?(id|key|name))?$")
_STORING = re.compile(
    r"_*(store|save|persist|remember)_(\w+_)?(conversation|chat|dialog(ue)?|history|messages|turn)s?(_|$)"
)
_EXPIRY = re.compile(
    r"(delete|purge|clean\w*|remove|drop|prune|evict|expire)_?(\w+_)?(expired|stale|inactive|outdated)", re.IGNORECASE
)
_HELD = re.compile(r"(Memory|ChatHistory|ConversationHistory|MessageHistory|ChatMemory)(Store|Manager|Buffer)?$")
_SAID = re.compile(r"message|histor|dialog|conversation|thread|memor|chat|session|turn", re.IGNORECASE)
_IN_PROCESS = re.compile(r"\.(ChatMessageHistory|StreamlitChatMessageHistory)(\(\).*)?$|\.in_memory\.")
_WRITES = ("open", "write_text", "write_bytes", "dump")
_FOR_WRITING = {b"w", b"a", b"wb", b"ab", b"w+", b"a+", b"wt"}


def ar03(facts: Facts, ships: Ships) -> Answer:
    """Does memory have a bound, a store that survives a restart and a key per user or session?

    Why: guide 1 "Memory Architecture".
    Counts: a durable checkpointer, session or memory store, a table or functions of its own around a store, a file for
    each conversation, rows of which the length of a history says how many are read back; trimming or summarising, by a
    library's function too, the last few of what was said, a limit of rows that are read back or of what a history
    holds, an expiry; a thread, session or user id that functions carry.
    Does not count: a store of documents, or of what the agents of others did that are watched. One or two of the three
    warn, and so does a history without any: messages that are added to an attribute, to a variable of the module or to
    the session of a page, a library's memory in the process, what a messenger or the model's provider keeps, messages
    that gather in the state of a graph, or what was said before that is handed in.
    Closed: never; n/a where no agent library and no model's client is used, declared or addressed anywhere.
    Mend: keep the memory in a store under a session's key, and trim what goes to the model.
    """
    watching = design.of_others(facts)
    if watching:
        return watching
    tables, own, files = [*design.tables(facts), *_rows_of_talk(facts)], _own_stores(facts), _files(facts)
    rows = places(_rows_by_length(facts))
    durable = rows or [*_durable(facts), *places([*tables, *own, *files, *_servers(facts)])]
    bounded = [*rows, *_bounds(facts), *_bounded_rows(facts, tables), *places(_expiring(facts, tables, own))]
    keyed = places([*facts.taking(_SESSION.match), *files])
    if durable and bounded and keyed:
        return passed("memory is durable, bounded and keyed", [*durable[:2], *bounded[:2], *keyed[:1]])
    if ships.kind == HOSTED and facts.imported("langgraph", "langchain") and not (durable and bounded):
        return weak("the platform keeps each thread; nothing shows what bounds it", "trim what goes to the model",
                    [*ships.evidence, *durable, *bounded])  # fmt: skip
    kept, held, asked = histories.kept(facts), _held(facts), histories.kept_elsewhere(facts)
    bounded += places([call for call in asked if call.has("limit")])
    wanted = {"no bound": bounded, "no store of its own": durable, "no key per session": keyed}
    lacking = [word for word, found in wanted.items() if not found]
    if not (durable or kept or held or (bounded and keyed)) and not design.has_agent(facts):
        return absence.no_agent(facts, "there is nothing to remember")
    for found, words in (
        (durable, "what was said is stored"),
        (kept, "a history is kept in memory"),
        (held, "there is a memory"),
        (places(_handed_over(facts)), "what was said is handed to a store"),
        (places(asked), "a messenger or the model's provider keeps what was said"),
        (facts.used(frameworks.REDUCERS), "messages gather in the state of a graph"),
        (places(histories.handed_in(facts)), "what was said before is handed in"),
        (bounded, "what goes to the model is bounded"),
    ):
        if found:
            return weak(f"{words} ({_spot(found[0])}){_without(lacking)}",
                        "keep it in a store under a session's key, and trim what goes to the model",
                        [*found, *bounded, *keyed])  # fmt: skip
    return unknown("no memory with a bound, a store and a key was found", "say what the agent remembers and where")


# ---------------------------------------------------------------- what the check looks for


def _without(lacking: Sequence[str]) -> str:
    told = " and ".join(lacking).replace(" and ", ", ", len(lacking) - 2)
    return f"; {told} was found" if lacking else ""


def _spot(found: Location) -> str:
    return f"{found.path}:{found.line}" if found.line else found.path


def _durable(facts: Facts) -> list[Location]:
    """Return the memories of libraries that outlive the process."""
    found = facts.used(frameworks.DURABLE_MEMORY)
    return [spot for spot in found if not _IN_PROCESS.search(spot.symbol or "")]


def _held(facts: Facts) -> list[Location]:
    """Return the memories in the process: a library's, and classes of its own that are named for one and made."""
    own = [k for k in facts.classes if _HELD.search(k.short) and k.methods and k.name in facts.made]
    return [*facts.used(frameworks.HELD_MEMORY), *places(own if design.has_agent(facts) else [])]


def _own_stores(facts: Facts) -> list[Function]:
    """Return what writes down or reads what was said, under a key, beside a client of a store."""
    beside = {call.path for call in facts.called(*frameworks.STORES)}
    beside |= {m.path for m in facts.shipped if beside and beside & facts.imported_paths(m)}
    return [f for f in facts.taking(_SESSION.match) if f.path in beside and _SAID.search(f.short)]


def _bounded_rows(facts: Facts, tables: list[Class]) -> list[Location]:
    """Return where modules that read back the rows of a table limit them."""
    names = {k.name for k in tables}
    if not names:
        return []
    reading = {c.path for c in facts.calls for v in c.args if isinstance(v, str) and facts.symbols.identity(v) in names}
    return places([c for c in facts.ending("limit") if c.path in reading])


def _rows_by_length(facts: Facts) -> list[Call]:
    """Return where rows of a store are read back, of which a length of the history says how many."""
    asked = (c for c in facts.ending("limit") if _QUERY.search(c.raw))
    return [c for c in asked if any(isinstance(v, str) and _LENGTH.search(v) for v in c.args)]


def _bounds(facts: Facts) -> list[Location]:
    """Return what bounds what goes to the model: a library's part, own functions, options, comparisons, a part."""
    own = [f for f in (*facts.named(_BOUND.search), *_cutting(facts), *_shortened(facts)) if f.name in facts.ran]
    options = [c for c in facts.given(*frameworks.HISTORY_BOUNDS)
               if any(c.keywords.get(word) is not None for word in frameworks.HISTORY_BOUNDS)]  # fmt: skip
    compared = [place(m) for module in facts.shipped for m in module.compared if _BOUND.search(m.name)]
    return [*facts.used(frameworks.MEMORY_BOUNDS), *places([*own, *options, *facts.worded(_BOUND.search)]), *compared,
            *_last_few(facts), *places(_queues(facts))]  # fmt: skip


def _shortened(facts: Facts) -> list[Function]:
    """Return the methods that shorten what the object holds, not what they are handed, where messages are kept."""
    kept = {spot.path for spot in histories.kept(facts)}
    named = (f for f in facts.named(_SHORTENS.match) if f.class_name and f.path in kept)
    return [f for f in named if len(f.parameters) <= 1]


def _last_few(facts: Facts) -> list[Location]:
    """Return where only the last few of what was said are taken, near a model."""
    near = facts.once(of_agents)[0] if design.has_agent(facts) else []
    found = (m._replace(name=m.name.removeprefix(LAST)) for module in near for m in module.compared
             if m.name.startswith(LAST))  # fmt: skip
    here = (m for m in found if m.name[0] == "?" or facts.symbols.is_own(m.name))  # a library's log of calls is none
    return [place(m) for m in here if histories.is_of_messages(re.split(r"[.?]", m.name)[-1])]


def _queues(facts: Facts) -> list[Call]:
    """Return the queues of a length that hold what was said."""
    made = (c for c in facts.given("maxlen") if c.name == "collections.deque" and c.keywords["maxlen"] is not None)
    return [c for c in made for name, line in facts.modules[c.path].made_at.items()
            if line == c.line and histories.is_of_messages(name.rpartition(".")[2])]  # fmt: skip


def _cutting(facts: Facts) -> list[Function]:
    """Return the functions that are named for cutting something short and are handed messages."""
    return [f for f in facts.named(_CUT.match) if any(histories.is_of_messages(p.name) for p in f.parameters)]


def _expiring(facts: Facts, tables: list[Class], own: list[Function]) -> list[Call | Function]:
    """Return what deletes what was kept once it has expired, and where a store is told when something ends."""
    beside = {function.path for function in own}
    kept = beside | {table.path for table in tables}
    calls = [c for c in (*facts.ending("expire", "setex"), *facts.given("ttl", "ex")) if c.path in beside]
    named = [f for f in facts.functions if _EXPIRY.search(".".join(f.name.split(".")[-3:]))] if kept else []
    return [*calls, *(f for f in named if kept & {f.path, *facts.imported_paths(facts.modules[f.path])})]


def _files(facts: Facts) -> list[Function]:
    """Return the functions that write what was said into a file under a key, or what they are handed of it."""
    keyed = {
        f.name: f
        for f in facts.taking(_SESSION.match)
        if _SAID.search(f"{f.short} {(f.class_name or '').rpartition('.')[2]}")
    }
    handed = (f for f in facts.taking(_FILED.match) if any(histories.is_of_messages(p.name) for p in f.parameters))
    keyed.update((f.name, f) for f in handed)
    writing = (c for c in facts.ending(*_WRITES) if c.function in keyed and _writes(c))
    return [keyed[name] for name in dict.fromkeys(c.function for c in writing)]


def _rows_of_talk(facts: Facts) -> list[Class]:
    """Return the tables and documents with a field that holds all of what was said."""
    rows = facts.subclasses(*frameworks.ORMS, *frameworks.DOCUMENTS)
    return [kind for kind in rows if any(map(_ROW_OF.match, kind.fields))]


def _handed_over(facts: Facts) -> list[Function]:
    """Return the functions that are named for keeping what was said and are called."""
    return [f for f in facts.named(_STORING.match) if f.name in facts.ran]


def _writes(call: Call) -> bool:
    if call.raw.rpartition(".")[2] != "open":
        return True
    given = (*call.args, call.keywords.get("mode"))
    return any(isinstance(value, bytes) and value in _FOR_WRITING for value in given)


def _servers(facts: Facts) -> list[Class]:
    """Return the memories that stand beside a client of a store."""
    folders = {call.path.rpartition("/")[0] for call in facts.called(*frameworks.STORES, *frameworks.GRAPH_STORES)}
    return [k for k in facts.classes if _HELD.search(k.short) and k.methods and k.path.rpartition("/")[0] in folders]
