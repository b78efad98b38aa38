"""AR: what a run knows, and how it changes."""

from __future__ import annotations

import re
from collections.abc import Iterable

from agentctl.checklist import absence, frameworks
from agentctl.checklist.answer import Answer, passed, places, unknown, weak
from agentctl.checklist.checks import design, histories
from agentctl.checklist.checks.agents import of_agents
from agentctl.checklist.facts.index import Facts
from agentctl.checklist.facts.model import Call, Class, Function
from agentctl.checklist.ships import Ships
from agentctl.results import Confidence, Location, Verdict

_STATE = re.compile(r"(State|Context|Deps|Dependencies)$")
_SAID = re.compile(
    r"(State|Context|Conversation|Session|Thread|Turn|Task|TaskResult|Chat|Dialog(ue)?|History|Memory)(Model|Data|Info|Record)?$"
)
_HOLDING = re.compile(
    r"(State|Context|Conversation|Session|Thread|Turn|Task|(^|[._])Chat|Dialog(ue)?|History|Memory|Trace|Run|Environment|Workspace"
    r"|Scratchpad|Blackboard|Trajectory|Plan|Transcript)(Model|Data|Info|Record|Store|Manager)?$"
)
_MANAGES = re.compile(
    r"(\w*(?:State|Task|Session|Run|Conversation|Job|Workflow|Thread))"
    r"(Manager|Store|Machine|Reducer|Updater|Tracker|Projector|Aggregate)$"
)
_EVENT = re.compile(r"(^|_)events?$")
_HANDED = ("state", "graph")
_STATES = re.compile(r"(State|Status|Phase|Stage)$")
_MESSAGES = re.compile(r"\.(Chat|Agent|Human|AI|User|Assistant|Conversation)?(Message|Turn)$")
_OF_STATE = {"state", "get_state", "set_state", "update_state", "current_state", "load_state", "save_state"}
_PLAIN = {"object", "abc.ABC", "typing.Generic", "typing.Protocol"}
_STATE_ROW = re.compile(
    r"^(Agent|Project|Run|Task|Workflow|Graph|Job|Session|Conversation|Chat|Plan|Step|Execution|Pipeline)?"
    r"State(Row|Table|Record|Model|Entity|Document|DB|ORM)?$"
)
_AGENT = re.compile(r"(Agent|Orchestrator|Supervisor|AgentRunner|Workflow)(Base|Executor|Service|Impl)?$")
_RUNNING = re.compile(
    r"_*(async_|a)?(run|call|invoke|execute|handle|process|step|forward|reply|answer|act|chat|solve|complete|respond|ask)"
    r"(_task|_async|_once|_turn|_step|_agent|_message|_request)?$|__call__$"
)
_CHECKPOINTED = (
    "langgraph", "langchain.agents", "deepagents", "langgraph_supervisor", "langgraph_swarm", "agno", "phi", "strands",
    "google.adk.runners",
)  # fmt: skip
_KEEPING = ("checkpointer", "storage", "db", "session_service", "session_manager")


def ar02(facts: Facts, _ships: Ships) -> Answer:
    """Is agent state an explicit type, changed in one way (immutable, events, checkpointer), not loose globals?

    Why: guide 1 "State Management".
    Counts: a graph over a typed state, which what its nodes return changes, the caller's own with a field more, too;
    functions that are called with a typed state and an event and give that state; a library's agent with a checkpointer
    or a store of sessions; a frozen state type of its own, or types that the agent's steps replace (``replace``,
    ``model_copy``); a framework of events (LlamaIndex workflows, AutoGen messages, Temporal); an agent that is handed a
    typed task and gives a typed result; a manager of a type that takes events and gives that type; a table of states;
    conversations of a type of its own that a store keeps turn by turn.
    Does not count: a dictionary that is passed around. A typed context or state that anything may change warns, and so
    do objects of its own that hold a run or a conversation, a library's context that tools are handed, a history in an
    attribute or a variable, an object that is asked for its state, an enumeration of states, and messages of a type.
    Closed: never.
    Mend: give the state a type of its own and change it by events or reducers.
    """
    graphs = _graphs(facts)
    if graphs:
        return passed("the graph's state is a type, and what its nodes return changes it", places(graphs))
    frozen = [k for k in facts.classes if k.short.endswith("State") and design.dataclasses(facts).get(k.name)]
    frozen += _frozen_models(facts)
    if frozen:
        return passed("the state is an immutable type", places(frozen), confidence=Confidence.MEDIUM)
    if not design.has_agent(facts):
        return _of_no_agent(facts)
    for found, words in (
        (_replaced(facts), "the agent's steps replace types of its own"),
        (_checkpointed(facts), "a library's agent keeps its sessions in a store of its own"),
        (facts.used(frameworks.EVENT_STATES), "events change the state"),
        (places(_handed_on(facts)), "a typed task is handed to the agent, which gives a typed result"),
        (places(_by_events(facts)), "a manager changes the typed state by events"),
        (places(_reducers(facts)), "functions take the typed state and an event, and give the state"),
        (places(design.tables(facts, _STATE_ROW)), "the state is a row of a table of its own"),
        (places(_stored(facts)), "conversations are of a type of its own and kept turn by turn"),
    ):
        if found:
            return passed(words, found, confidence=Confidence.MEDIUM)
    return _loosely(facts)


# ---------------------------------------------------------------- what the check looks for


def _loosely(facts: Facts) -> Answer:
    """Answer where nothing shows that state changes in one way: by the nearest to a type of its own."""
    loose = [*_stateful(facts), *_giving(facts)]
    objects, kept = _objects(facts), histories.kept(facts)
    for found, words in (
        (places(loose), "the state has a type, but nothing shows that it changes in one way"),
        (places(objects), "the state lies in objects of its own ({}), which anything may change"),
        (places(_carrying(facts)), "the state travels in a library's context, which any tool may change"),
        (kept, "the state lies in attributes and variables ({}) without a type of its own"),
        (places(_asked(facts)), "an object ({}) is asked for a state that has no type of its own"),
        (places(_enumerated(facts)), "states are enumerated ({}), and nothing shows what holds them"),
        (places(_said(facts)), "messages have a type ({}), and nothing shows what holds them"),
    ):
        if found:
            return weak(words.format(found[0].symbol), "change it by reducers or events, or make it immutable", found)
    return unknown("no explicit state type was found", "give the agent's state a type of its own")


def _carrying(facts: Facts) -> list[Function]:
    """Return the functions that are handed a library's context, with the state of the run in it."""
    if not facts.imported(*frameworks.RUN_CONTEXTS):
        return []
    return [f for f in facts.functions if any(facts.symbols.name(m) in frameworks.RUN_CONTEXTS
            for p in f.parameters for m in p.mentions)]  # fmt: skip


def _of_no_agent(facts: Facts) -> Answer:
    own = [k for k in facts.classes if _STATE.search(k.short) and k.fields]
    if own:
        return weak("the state has a type, but nothing shows that it changes in one way",
                    "change it by reducers or events, or make it immutable", places(own))  # fmt: skip
    none, states = absence.no_agent(facts, "there is no agent state"), _enumerated(facts)
    if none.verdict is Verdict.UNKNOWN and states:
        return weak(f"states are enumerated ({states[0].name}), and nothing shows what holds them",
                    "give the state a type of its own, changed in one way", places(states))  # fmt: skip
    return none


def _graphs(facts: Facts) -> list[Class]:
    """Return the types over which graphs are made.

    Where a caller may bring another type, the module's own with reducers stands in.
    """
    found: list[Class] = []
    for call in facts.called(*frameworks.STATE_GRAPHS):
        if call.name in frameworks.STATE_GRAPHS:
            kind = _named_class(facts, (*call.args[:1], call.keywords.get("state_schema", "")))
            found += [kind] if kind else _reduced(facts, call.path)
    return [kind for kind in found if kind.name in design.typed(facts) or _extends(facts, kind)]


def _extends(facts: Facts, kind: Class) -> bool:
    """Return whether a type adds fields to the state that the function around it is handed."""
    around = facts.function.get(kind.name.rpartition(".")[0])
    if around is None or not kind.fields or not any(p.name.startswith(_HANDED) for p in around.parameters):
        return False
    return any(base.startswith((f"{around.name}.", "?")) for base in kind.bases)


def _reduced(facts: Facts, path: str) -> list[Class]:
    module = facts.modules[path]
    own = [kind for kind in module.classes if kind.short.endswith("State")]
    return own if facts.used(frameworks.REDUCERS, [module]) else []


def _named_class(facts: Facts, values: Iterable[object]) -> Class | None:
    for value in values:
        for name in (facts.symbols.identity(value), facts.symbols.name(value)) if isinstance(value, str) else ():
            if name in facts.class_by_name:
                return facts.class_by_name[name]
    return None


def _frozen_models(facts: Facts) -> list[Class]:
    """Return the models named for a state whose settings freeze them."""
    settings = facts.called_as("pydantic.ConfigDict", "pydantic.config.ConfigDict")
    frozen = {c.function for c in settings if c.keywords.get("frozen") is True}
    return [k for k in facts.classes if k.name in frozen and k.short.endswith("State")]


def _replaced(facts: Facts) -> list[Location]:
    """Return where a frozen type, or a model named for a state, is replaced by a changed copy."""
    frozen = {f"{name}()" for name, is_frozen in design.dataclasses(facts).items() if is_frozen}
    calls = facts.called_as("dataclasses.replace", "attrs.evolve", "attr.evolve") if frozen else []
    found = [c for c in calls if c.args and isinstance(c.args[0], str) and facts.symbols.name(c.args[0]) in frozen]
    return places([*found, *(c for c in facts.ending("model_copy") if c.has("update") and _is_of_state(facts, c))])


def _is_of_state(facts: Facts, call: Call) -> bool:
    owner = facts.symbols.identity(call.raw.rpartition(".")[0]).removesuffix("()")
    return owner in facts.class_by_name and bool(_STATE.search(owner))


def _checkpointed(facts: Facts) -> list[Location]:
    """Return the agents of a library that are given what keeps their sessions."""
    kept = (c for c in facts.given(*_KEEPING) if frameworks.is_one_of(c.name, _CHECKPOINTED))
    return places([c for c in kept if any(c.keywords.get(word) is not None for word in _KEEPING)])


def _handed_on(facts: Facts) -> list[Function]:
    """Return the methods of agents that take one type of its own and give another."""
    known = design.typed(facts)
    return [
        f
        for f in _giving(facts)
        if _AGENT.search((f.class_name or "").rpartition(".")[2])
        and any(facts.symbols.identity(name) in known for p in f.parameters for name in p.mentions)
    ]


def _giving(facts: Facts) -> list[Function]:
    """Return the methods that run something and say that they give a type of its own."""
    known = design.typed(facts)
    return [f for f in facts.named(_RUNNING.match) if f.class_name and _result(facts, f) in known]


def _result(facts: Facts, function: Function) -> str:
    module = facts.symbols.module(function.name)
    given = module.values.get(f"{function.name.removeprefix(f'{module.name}.')}()", "") if module else ""
    return facts.symbols.identity(given).removesuffix("()")


def _stored(facts: Facts) -> list[Class | Function]:
    """Return the tables of conversations, or what puts a typed conversation into a store."""
    kept = design.tables(facts)
    if kept:
        return list(kept)
    beside = {call.path for call in facts.called(*frameworks.STORES)}
    beside |= {m.path for m in facts.shipped if beside and beside & facts.imported_paths(m)}
    said = {name for name in design.typed(facts) if _SAID.search(name)}
    return [
        f
        for f in facts.functions
        if f.path in beside and re.match(r"_*(store|save|put|update|append|add|upsert|persist|write)", f.short)
        and any(facts.symbols.identity(name) in said for p in f.parameters for name in p.mentions)
    ]  # fmt: skip


def _by_events(facts: Facts) -> list[Class]:
    """Return the managers of a type that are made, take events of a type and take or give what they manage."""
    found = ((kind, match[1]) for kind in facts.classes if (match := _MANAGES.search(kind.short)))
    return [k for k, managed in found if k.name in facts.made and _takes_events(facts, k, managed)]


def _takes_events(facts: Facts, kind: Class, managed: str) -> bool:
    methods = [f for f in facts.modules[kind.path].functions if f.class_name == kind.name]
    types = {name.rpartition(".")[2] for f in methods for p in f.parameters for name in p.mentions}
    given = {_result(facts, method).rpartition(".")[2] for method in methods}
    return managed in types | given and any(name.endswith("Event") for name in types)


def _reducers(facts: Facts) -> list[Function]:
    """Return the functions that are called with a typed state and an event, and give a state of that type."""
    known = design.typed(facts)
    taking = [f for f in facts.taking(_EVENT.search) if f.name in facts.ran]
    given = ((f, _result(facts, f)) for f in taking)
    return [f for f, kind in given if kind in known and kind.endswith("State") and _takes(facts, f, kind)]


def _takes(facts: Facts, function: Function, kind: str) -> bool:
    return any(facts.symbols.identity(name) == kind for p in function.parameters for name in p.mentions)


def _asked(facts: Facts) -> list[Class]:
    """Return the classes near a model that are asked for a state."""
    near = {module.path for module in facts.once(of_agents)[0]}
    return [k for k in facts.classes if k.path in near and not _OF_STATE.isdisjoint(k.methods)]


def _enumerated(facts: Facts) -> list[Class]:
    return [k for k in facts.subclasses("enum") if _STATES.search(k.short)]


def _said(facts: Facts) -> list[Class | Call]:
    """Return the types of messages: its own, with fields, or a library's that are made."""
    known = design.typed(facts)
    own = [k for k in facts.classes if _MESSAGES.search(f".{k.short}") and (k.name in known or k.bases)]
    return [*own, *facts.calls_named(_MESSAGES.search)]


def _objects(facts: Facts) -> list[Class]:
    """Return the classes near a model that are named for a run or a conversation, are made and are no library's."""
    near = {module.path for module in facts.once(of_agents)[0]}
    named = [k for k in facts.classes if k.path in near and k.methods and _HOLDING.search(k.short)]
    return [k for k in named if k.name in facts.made and all(map(facts.symbols.is_own, facts.bases(k) - _PLAIN))]


def _stateful(facts: Facts) -> list[Class]:
    """Return the types of its own that are named for a state, a task or a conversation."""
    known = design.typed(facts)
    return [
        k for k in facts.classes if k.fields and (_STATE.search(k.short) or (k.name in known and _SAID.search(k.short)))
    ]
