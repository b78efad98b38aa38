"""AR: what the agent may call."""

from __future__ import annotations

import re
from collections.abc import Collection

from agentctl.checklist import absence, frameworks
from agentctl.checklist.answer import Answer, counted, passed, places, unknown, weak
from agentctl.checklist.checks import boundaries, design
from agentctl.checklist.checks.protection import lines
from agentctl.checklist.facts.index import Facts
from agentctl.checklist.facts.model import Call, Class, Function, Value
from agentctl.checklist.ships import Ships
from agentctl.results import Confidence

_TOOL_BASE = re.compile(r"\.(Abstract|Base)?(Tool|Action)(Base|Spec)?$")
_ARGUMENTS = {"args_schema", "input_schema", "parameters", "parameters_schema", "parameters_type", "args_model"}
_DEFINITION = re.compile(r"Tool(Definition|Spec|Schema|Description|Info)?$|^(Function|Action)(Definition|Spec|Schema)$")
_TAKES = _ARGUMENTS | {"arguments", "args", "inputs", "schema"}
_DECLARING = re.compile(r"(Agent|create_(react_)?agent|create_deep_agent|LlmAgent|AgentWorkflow|ReAct)$|\.from_tools$")
_TURNING = re.compile(
    r"func(tion)?s?_?to_?(json|schema|tool|openai)|(json|tool|openai|function)_?(schema|spec)_?(from|of|for)_?func"
    r"|(get|build|generate|make|create)_(function|tool)s?_(schema|spec)s?$|convert_to_(openai_)?(tool|function)",
    re.IGNORECASE,
)
_KIND = re.compile(r"(Tool|Action|Function)(Base|Spec|Definition|Info|Class)?$")
_RUN = {"run", "execute", "_run", "__call__", "call", "invoke", "handler", "func", "function"}
_DECORATOR = re.compile(r"\.((register_|agent_|function_|llm_|ai_)?(tool|action|function)|tool_?wrapper)(\(\))?$")
_CHECKING = re.compile(r"verif|validat|check|coerce", re.IGNORECASE)
_REGISTERING = ("().tool", "().tool_plain", "().action")
_IN_JSON = re.compile(r"\"type\"\s*:\s*\"function\"\s*,\s*\"function\"\s*:\s*\{")
_GATHERED = re.compile(r"^_?(get|list|load|register|build|create)_(all_)?(tools?|toolkits?|actions?)$")
_SEVERAL = 3
_ONE_IN = 20  # tools may lack a type or a description
_SERVERS = frozenset(frameworks.TOOL_SERVERS)
_REGISTRIES = ("Registry", "Toolbox", "Toolkit", "ToolSet")
_HANDING = ("bind_tools", "ToolNode", "add_plugin", "enable_message", "register_tool_function")
_REGISTERED = ("tools", "functions", "plugins")


def ar04(facts: Facts, _ships: Ships) -> Answer:
    """Are tools declared with typed, described, validated parameters in one registry?

    Why: guide 1 "Tool Registry".
    Counts: tools of a framework, each with annotated parameters and a description, handed to the agent as one list or
    registered where they are declared; a registry of its own with a decorator; a type of its own from which tools
    derive that say the types of their arguments, or hand them up with a description, or whose own type asks for both
    and checks them, gathered in one place.
    Classes of tools count where a library makes models of the signature of what each runs (``func_metadata``).
    Functions that an agent's library is handed count where it declares them by their types and descriptions, and so do
    tools that are made at run time, from a server's list, an OpenAPI document or functions, into models that validate.
    One tool of twenty without types or a description is borne.
    Does not count: functions that are handed to a model without such a declaration, schemas written by hand (in JSON
    too), functions turned into schemas by own code, a server's list handed on, tools that the caller hands in, and
    tools of a type of its own that says what each is for (they warn).
    Closed: never; n/a where no agent library and no model's client is used, declared or addressed anywhere.
    Mend: declare each tool with the framework's decorator, type and describe its parameters, and list them once.
    """
    declared = [f for f in facts.functions if any(_is_tool(facts, d) for d in f.decorators)]
    classes = facts.subclasses(*[name for name in frameworks.TOOL_TYPES if name[-1] != "s"])
    signed = boundaries.tools_by_signature(facts)
    added, served = _added(facts), [*boundaries.served_tools(facts), *signed]
    tools = [*declared, *classes, *(c for c in facts.called(*frameworks.TOOL_TYPES) if "()." not in c.name)]
    tools += [] if served else added
    handed = [*facts.ending(*_HANDING), *facts.given(*_REGISTERED)]
    known = {f.name for f in declared}
    plain = list({f.name: f for f in (*_plain(facts), *served) if f.name not in known}.values())
    added += [c for c in facts.given("tools") if c.name in _SERVERS]
    tools += plain
    loose = _loose(facts, [*declared, *plain])
    loose = loose if len(loose) * _ONE_IN > len(declared) + len(plain) else []
    in_one = bool(handed or added or (signed and _registry(facts))) or _are_registered(facts, declared)
    if tools and not loose and in_one:
        return passed(f"{counted(tools, 'tool')} declared with types and handed on as a list",
                      places([*tools, *handed]), confidence=Confidence.MEDIUM)  # fmt: skip
    own = _own_tools(facts) or _described(facts)
    if own and not loose and (handed or facts.named(_GATHERED.search)):
        return passed(f"{counted(own, 'tool')} of a type of its own, each with a type of its arguments", places(own),
                      confidence=Confidence.MEDIUM)  # fmt: skip
    built = _built(facts)
    if built and not loose:
        return passed("tools are made at run time, with models that validate their arguments", places(built),
                      confidence=Confidence.MEDIUM)  # fmt: skip
    if loose:
        return weak(f"{counted(loose, 'tool')} of {len(declared) + len(plain)} without types or a description",
                    f"type and describe the parameters of {loose[0].short}", places(loose))  # fmt: skip
    if tools or (handed and design.has_agent(facts)):
        return weak("tools are there, but not declared in one typed list", "declare each with the framework",
                    places([*tools, *handed]))  # fmt: skip
    turned = [f for f in facts.named(_TURNING.search) if f.name in facts.ran]
    running = _kinds(facts, _RUN)
    for found, words in (
        (places(turned), "functions are turned into schemas for the model, and nothing checks what it gives back"),
        (places(_listed(facts)), "tools come from a server's list, and nothing here checks what the model gives them"),
        (places(running), "tools are of a type of its own, and nothing shows that their arguments are checked"),
        (places(_taking_tools(facts)), "the caller hands in a library's tools, and nothing here declares them"),
        (lines(facts, _IN_JSON, (".json",)), "schemas of functions stand in JSON, and nothing checks the arguments"),
    ):
        if found:
            return weak(words, "declare each with the framework, which validates the arguments", found)
    if not design.has_agent(facts, "mcp", "fastmcp"):
        return absence.no_agent(facts, "there are no tools")
    return unknown("no tool was found", "declare tools with the framework's decorator")


# ---------------------------------------------------------------- what the check looks for


def _is_tool(facts: Facts, decorator: str) -> bool:
    name = facts.symbols.name(decorator)
    own = name.removesuffix("()").removesuffix("().tool")
    kind = facts.class_by_name.get(own) if own != name else None
    home_made = kind is not None and (own.endswith(_REGISTRIES) or bool(facts.bases(kind) & _SERVERS))
    home_made = home_made or (name.removesuffix("()") in facts.function and bool(_DECORATOR.search(name)))
    return home_made or frameworks.is_one_of(name, frameworks.TOOL_DECORATORS)


def _added(facts: Facts) -> list[Call]:
    """Return where functions are added to a server of tools."""
    adding = (call for call in facts.ending("tool", "add_tool") if call.role == "call" and call.args)
    told = [c for c in facts.ending("register_for_llm") if c.has("description")]  # AG2 makes models of the types
    told += [c for c in facts.ending("register_function") if c.has("caller") and c.has("description")]
    return [*told, *(call for call in adding if call.name.partition("().")[0] in frameworks.TOOL_SERVERS)]


def _plain(facts: Facts) -> list[Function]:
    """Return the own functions that an agent of a library is handed in a list, and that it declares by itself."""
    given = (
        c for c in facts.given("tools") if c.name in _SERVERS
        or (_DECLARING.search(c.name) and frameworks.is_one_of(c.name, frameworks.AGENTS))
    )  # fmt: skip
    values = [v for c in given if isinstance(c.keywords["tools"], tuple) for v in c.keywords["tools"]]
    values += [v for c in facts.ending("bind_tools", "ToolNode") for v in _listed_in(c)]
    values += [v for c in facts.called_as(*frameworks.TOOL_DECORATORS) if c.role == "call" for v in c.args[:1]]
    names = dict.fromkeys(facts.own_function(facts.symbols.name(v)) for v in values if isinstance(v, str) and v)
    return [facts.function[name] for name in names if name in facts.function and not name.endswith(".__init__")]


def _registry(facts: Facts) -> list[Class]:
    """Return the registries of its own that are made."""
    return [k for k in facts.classes if k.short.endswith(_REGISTRIES) and k.name in facts.made]


def _listed_in(call: Call) -> tuple[Value, ...]:
    first = call.args[0] if call.args else call.keywords.get("tools")
    return first if isinstance(first, tuple) else ()


def _described(facts: Facts) -> list[Call]:
    """Return the tools that are made of a type of its own, which says what each is for and what it takes."""
    kinds = {k.name for k in facts.classes if _DEFINITION.search(k.short) and "description" in k.fields
             and not _TAKES.isdisjoint(k.fields)}  # fmt: skip
    made = [c for c in facts.calls_named(kinds.__contains__) if _says(c)]
    return made if len(made) >= _SEVERAL else []


def _says(call: Call) -> bool:
    """Return whether a tool's description stands in the code, rather than being handed on."""
    texts = [value for value in call.args if isinstance(value, bytes)]
    return isinstance(call.keywords.get("description"), bytes) or len(texts) > 1


def _built(facts: Facts) -> list[Call]:
    """Return where tools get models of their arguments at run time, or are made of an OpenAPI document."""
    models = facts.called_as("pydantic.create_model", "pydantic.main.create_model")
    typed = [kind for kind in _kinds(facts, _TAKES) if kind.name in design.typed(facts)] if models else []
    sources = {kind.path for kind in typed} | ({call.path for call in _listed(facts)} if models else set())
    read = {path: {path, *facts.imported_paths(facts.modules[path])} for path in sources}
    made = [c for c in models if any(c.path in paths for paths in read.values())]
    return [*made, *(_listed(facts) if made else ()), *facts.called(*frameworks.OPENAPI_TOOLS)]


def _listed(facts: Facts) -> list[Call]:
    """Return where a client asks a server for its tools."""
    asked = (c for c in facts.ending("list_tools") if c.role == "call" and "." in c.raw
             and c.name.partition("().")[0] not in _SERVERS)  # fmt: skip
    return [c for c in asked if facts.own_function(c.name) not in facts.function]


def _kinds(facts: Facts, parts: Collection[str]) -> list[Class]:
    """Return the types of its own that say of a tool what it is for, and have one of some parts."""
    found = []
    for kind in facts.classes:
        if _KIND.search(kind.short) and not facts.bases(kind) - {"abc.ABC", "pydantic.BaseModel", "object"}:
            made = facts.function.get(f"{kind.name}.__init__")
            told = {*kind.fields, *kind.methods, *(p.name for p in (made.parameters if made else ()))}
            found += [kind] if "description" in told and not told.isdisjoint(parts) else []
    return found


def _taking_tools(facts: Facts) -> list[Function]:
    """Return the functions that are handed tools of a library's type."""
    taking = facts.taking("tools".__eq__)
    return [f for f in taking if any(frameworks.is_one_of(facts.symbols.name(m), frameworks.TOOL_TYPES)
                                     for p in f.parameters if p.name == "tools" for m in p.mentions)]  # fmt: skip


def _are_registered(facts: Facts, declared: list[Function]) -> bool:
    """Return whether tools are registered by what declares them, or by a server that lists them."""
    decorated = any(facts.symbols.name(d).endswith(_REGISTERING) for f in declared for d in f.decorators)
    offered = any(facts.symbols.name(d).endswith("().list_tools") for f in facts.functions for d in f.decorators)
    home_made = any(
        d.removesuffix("()") in facts.function for f in declared for d in map(facts.symbols.name, f.decorators)
    )
    return decorated or offered or home_made or any(_of_an_agent(facts, f) for f in declared)


def _of_an_agent(facts: Facts, tool: Function) -> bool:
    """Return whether a tool is a method of an agent, which its library offers by itself."""
    kind = facts.class_by_name.get(tool.class_name or "")
    bases = [base for base in facts.bases(kind) if not facts.symbols.is_own(base)] if kind else []
    return any(frameworks.is_one_of(base, frameworks.AGENTS) for base in bases)


def _loose(facts: Facts, declared: list[Function]) -> list[Function]:
    """Return the tools without a description, by docstring or decorator, or without a type for each parameter."""
    described = {call.args[-1] for call in facts.given("description") if call.role == "decorator" and call.args}
    return [f for f in declared if not (f.documented or f.name in described)
            or not all(p.annotated for p in f.parameters if p.name != "self")]  # fmt: skip


def _own_tools(facts: Facts) -> list[Class]:
    """Return the tools that derive from a type of the project's own, where most of them say the types they take."""
    found = [k for k in facts.classes if any(_TOOL_BASE.search(b) and b in facts.class_by_name for b in facts.bases(k))]
    handing = _handing_up(facts) if found else set()
    checking = {k.name for k in facts.classes if "description" in k.fields and not _TAKES.isdisjoint(k.fields)
                and any(map(_CHECKING.search, k.methods))} if found else set()  # fmt: skip
    typed = [k for k in found if not _ARGUMENTS.isdisjoint((*k.fields, *k.methods)) or k.name in handing
             or checking & facts.bases(k)]  # fmt: skip
    return typed if len(typed) >= _SEVERAL and len(typed) * 2 >= len(found) else []


def _handing_up(facts: Facts) -> set[str]:
    """Return the classes whose constructor hands what they are for and what they take to the type that they are of."""
    told = (c for word in sorted(_ARGUMENTS) for c in facts.given(word) if c.has("description"))
    return {c.function.removesuffix(".__init__") for c in told if c.raw.endswith("__init__")}
