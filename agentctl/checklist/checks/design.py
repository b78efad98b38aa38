"""AR: what the agent knows and remembers, and whether there is one."""

from __future__ import annotations

import re
from collections.abc import Iterable

from agentctl.checklist import absence, frameworks
from agentctl.checklist.answer import Answer, passed, place, places, unknown, weak
from agentctl.checklist.facts.index import Facts
from agentctl.checklist.facts.model import Class, Function, literal
from agentctl.checklist.ships import HOSTED, Ships
from agentctl.results import Confidence, Location

_MODEL_VARIABLES = re.compile(r"OPENAI|ANTHROPIC|GEMINI|MISTRAL|OLLAMA|BEDROCK|WATSONX|GROQ|(^|_)LLM(_|$)")
_MODEL_WORDS = re.compile(
    r"(?:^|_)(?:llm|prompt|chat_?bot|completions?)(?:s?_|s?$)|LLM|Prompt|ChatBot|Completion", re.MULTILINE
)
_FEW = 4  # names
_STATE = re.compile(r"(State|Context|Deps|Dependencies)$")
_SESSION = re.compile(r"^(thread_?id|session_?id|conversation_?id|user_?id|chat_?id)$")
_BOUND = re.compile(r"(trim|truncat|prune|compact|summari[sz]e)\w*(history|messages|memory|context|conversation)|"
                    r"max_?(history|messages|memory|turns_kept)|"
                    r"(history|messages|memory)\w*(trim|truncat|prune|limit|window)", re.IGNORECASE)  # fmt: skip
_HELD = re.compile(r"(Memory|ChatHistory|ConversationHistory|MessageHistory|ChatMemory)(Store|Manager|Buffer)?$")
_SAID = re.compile(r"message|histor|dialog|conversation|thread|memor|chat|session|turn", re.IGNORECASE)
_REMEMBERED = re.compile(
    r"(Conversation|Thread|Message|Turn|Memory|ChatHistory|History|Checkpoint|SessionEvent)(s|Row|Table|Record)*$"
)


def ar02(facts: Facts, ships: Ships) -> Answer:
    """Is agent state an explicit type, changed in one way (immutable, events, checkpointer), not loose globals?

    Why: guide 1 "State Management".
    Counts: a graph over a typed state with reducers or a checkpointer; a frozen state type of its own, or frozen types
    that the agent's steps replace.
    Does not count: a dictionary that is passed around. A typed context or state without reducers warns.
    Closed: never.
    Mend: give the state a type of its own and change it by events or reducers.
    """
    graphs = [c for c in facts.called(*frameworks.STATE_GRAPHS) if c.name in frameworks.STATE_GRAPHS]
    types = [kind for c in graphs if (kind := _named_class(facts, (*c.args[:1], c.keywords.get("state_schema", ""))))]
    data = facts.once(_dataclasses)
    typed = [k for k in types if k.name in data
             or any(frameworks.is_one_of(base, frameworks.STATE_BASES) for base in facts.bases(k))]  # fmt: skip
    reduced = [k for k in typed if any(frameworks.is_one_of(base, frameworks.REDUCERS) for base in facts.bases(k))
               or facts.used(frameworks.REDUCERS, [facts.modules[k.path]])]  # fmt: skip
    kept = facts.given("checkpointer")
    if typed and (reduced or kept or ships.kind == HOSTED):
        return passed("the graph's state is a type, changed through reducers or a checkpointer",
                      places([*(reduced or typed), *kept]))  # fmt: skip
    frozen = [k for k in facts.classes if k.short.endswith("State") and data.get(k.name)]
    if frozen:
        return passed("the state is an immutable type", places(frozen), confidence=Confidence.MEDIUM)
    replaced = _replaced(facts)
    if replaced:
        return passed("the agent's steps replace immutable types", replaced, confidence=Confidence.MEDIUM)
    own = [k for k in facts.classes if _STATE.search(k.short) and k.fields]
    if typed or own:
        return weak("the state has a type, but nothing shows that it changes in one way",
                    "change it by reducers or events, or make it immutable", places([*typed, *own]))  # fmt: skip
    if not has_agent(facts):
        return absence.no_agent(facts, "there is no agent state")
    return unknown("no explicit state type was found", "give the agent's state a type of its own")


def ar03(facts: Facts, ships: Ships) -> Answer:
    """Does memory have a bound, a store that survives a restart and a key per user or session?

    Why: guide 1 "Memory Architecture".
    Counts: a durable checkpointer, session or memory store, a table or functions of its own around a store; trimming or
    summarising, a limit of rows that are read back or of what a history holds; a thread, session or user id that
    functions carry.
    Does not count: memory in the process. One or two of the three warn.
    Closed: never; n/a where no agent library and no model's client is used, declared or addressed anywhere.
    Mend: keep the memory in a store under a session's key, and trim what goes to the model.
    """
    tables = [k for k in facts.subclasses(*frameworks.ORMS) if _REMEMBERED.search(k.short)]
    durable = [*facts.used(frameworks.DURABLE_MEMORY), *places([*tables, *_own_stores(facts)])]
    bounded = facts.used(frameworks.MEMORY_BOUNDS) + places(
        [f for f in facts.functions if _BOUND.search(f.short) and f.name in facts.ran]
    )
    bounded += [*_bounded_rows(facts, tables), *places(facts.given(*frameworks.HISTORY_BOUNDS))]
    bounded += [place(m) for module in facts.shipped for m in module.compared if _BOUND.search(m.name)]
    keyed = places([f for f in facts.functions if any(_SESSION.match(p.name) for p in f.parameters)])
    held = facts.used(("langgraph.checkpoint", "langgraph.store", "agents.Session", "langchain.memory"))
    made = {call.name for call in facts.calls} if has_agent(facts) else set()
    held += places([k for k in facts.classes if _HELD.search(k.short) and k.methods and k.name in made])
    if durable and bounded and keyed:
        return passed("memory is durable, bounded and keyed", [*durable[:2], *bounded[:2], *keyed[:1]])
    if ships.kind == HOSTED and facts.imported("langgraph", "langchain") and not (durable and bounded):
        return weak("the platform keeps each thread; nothing shows what bounds it", "trim what goes to the model",
                    [*ships.evidence, *durable, *bounded])  # fmt: skip
    if durable or ((bounded or held) and keyed):
        have = [word for word, found in (("durable", durable), ("bounded", bounded), ("keyed", keyed)) if found]
        return weak(f"memory is {' and '.join(have)} only", "a store, a bound and a key per session",
                    [*durable, *held, *bounded, *keyed])  # fmt: skip
    if not has_agent(facts):
        return absence.no_agent(facts, "there is nothing to remember")
    return unknown("no memory with a bound, a store and a key was found", "say what the agent remembers and where")


# ---------------------------------------------------------------- what the checks look for


def _own_stores(facts: Facts) -> list[Function]:
    """Return what writes down or reads what was said, under a key, beside a client of a store."""
    beside = {call.path for call in facts.called(*frameworks.STORES)}
    beside |= {m.path for m in facts.shipped if beside and beside & facts.imported_paths(m)}
    return [f for f in facts.functions if f.path in beside and _SAID.search(f.short)
            and any(_SESSION.match(p.name) for p in f.parameters)]  # fmt: skip


def _bounded_rows(facts: Facts, tables: list[Class]) -> list[Location]:
    """Return where modules that read back the rows of a table limit them."""
    names = {k.name for k in tables}
    if not names:
        return []
    reading = {c.path for c in facts.calls for v in c.args if isinstance(v, str) and facts.symbols.identity(v) in names}
    return places([c for c in facts.ending("limit") if c.path in reading])


def _replaced(facts: Facts) -> list[Location]:
    """Return where modules that use a model or carry a run replace a frozen type of their own."""
    frozen = {f"{name}()" for name, is_frozen in facts.once(_dataclasses).items() if is_frozen}
    if not frozen or not has_agent(facts):
        return []
    calls = facts.called_as("dataclasses.replace")
    return [place(c) for c in calls if c.args and isinstance(c.args[0], str)
            and facts.symbols.name(c.args[0]) in frozen]  # fmt: skip


def _named_class(facts: Facts, values: Iterable[object]) -> Class | None:
    for value in values:
        if isinstance(value, str) and value:
            found = facts.class_by_name.get(facts.symbols.identity(value))
            if found is not None:
                return found
    return None


def _dataclasses(facts: Facts) -> dict[str, bool]:
    """Return the dataclasses by name, each with whether it is frozen."""
    made = facts.called_as("dataclasses.dataclass", "pydantic.dataclasses.dataclass")
    return {str(c.args[-1]): c.keywords.get("frozen") is True for c in made if c.role == "decorator" and c.args}


def has_agent(facts: Facts, *also: str) -> bool:
    """Return whether anything looks like an agent: a framework or a model's client, or names that speak of one.

    A server of tools (MCP) alone runs no model.
    """
    known = facts.imported(*(set(frameworks.AGENTS) - {"mcp"}), *frameworks.MODELS, *also)
    return bool(known) or facts.once(_imports_agents) or facts.once(_speaks_of_models)


def _imports_agents(facts: Facts) -> bool:
    """Return whether a library is imported that says of itself that it is about agents or models."""
    external = (name for module in facts.shipped for name in module.imports if not facts.symbols.is_own(name))
    return any(
        not frameworks.AGENT_PARTS.isdisjoint(name.split(".")[:-1])
        and not frameworks.is_one_of(name, frameworks.NO_AGENTS)
        for name in external
    )


def _speaks_of_models(facts: Facts) -> bool:
    read = {literal(value) or "" for call in facts.called_as(*frameworks.ENV_READS) for value in call.args[:1]}
    if any(_MODEL_VARIABLES.search(name) for name in read):
        return True
    names = (name.rpartition(".")[2] for name in (*facts.function, *(kind.name for kind in facts.classes)))
    return len(_MODEL_WORDS.findall("\n".join(names))) >= _FEW
