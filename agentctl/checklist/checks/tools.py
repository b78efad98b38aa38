"""AR: what the agent may call."""

from __future__ import annotations

import re

from agentctl.checklist import absence, frameworks
from agentctl.checklist.answer import Answer, counted, passed, places, unknown, weak
from agentctl.checklist.checks import design
from agentctl.checklist.facts.index import Facts
from agentctl.checklist.facts.model import Call, Class, Function
from agentctl.checklist.ships import Ships
from agentctl.results import Confidence

_TOOL_BASE = re.compile(r"\.(Abstract|Base)?(Tool|Action)(Base|Spec)?$")
_ARGUMENTS = {"args_schema", "input_schema", "parameters", "parameters_schema", "parameters_type", "args_model"}
_GATHERED = re.compile(r"^_?(get|list|load|register|build|create)_(all_)?(tools?|toolkits?|actions?)$")
_SEVERAL = 3
_REGISTRIES = ("Registry", "Toolbox", "Toolkit", "ToolSet")
_REGISTERED = ("tools", "functions", "plugins")


def ar04(facts: Facts, _ships: Ships) -> Answer:
    """Are tools declared with typed, described, validated parameters in one registry?

    Why: guide 1 "Tool Registry".
    Counts: tools of a framework, each with annotated parameters and a description, handed to the agent as one list or
    registered where they are declared; a registry of its own with a decorator; a type of its own from which tools
    derive that say the types of their arguments, gathered in one place.
    Does not count: functions that are handed over without a framework's declaration (they warn).
    Closed: never; n/a where no agent library and no model's client is used, declared or addressed anywhere.
    Mend: declare each tool with the framework's decorator, type and describe its parameters, and list them once.
    """
    declared = [f for f in facts.functions if any(_is_tool(facts, d) for d in f.decorators)]
    classes = facts.subclasses(*[name for name in frameworks.TOOL_TYPES if name[-1] != "s"])
    added = _added(facts)
    tools = [*declared, *classes, *(c for c in facts.called(*frameworks.TOOL_TYPES) if "()." not in c.name), *added]
    handed = [*facts.ending("bind_tools", "ToolNode", "add_plugin"), *facts.given(*_REGISTERED)]
    loose = _loose(facts, declared)
    if tools and not loose and (handed or added or _are_registered(facts, declared)):
        return passed(f"{counted(tools, 'tool')} declared with types and handed on as a list",
                      places([*tools, *handed]), confidence=Confidence.MEDIUM)  # fmt: skip
    own = _own_tools(facts)
    if own and not loose and (handed or any(_GATHERED.search(f.short) for f in facts.functions)):
        return passed(f"{counted(own, 'tool')} of a type of its own, each with a type of its arguments", places(own),
                      confidence=Confidence.MEDIUM)  # fmt: skip
    if loose:
        return weak(f"{counted(loose, 'tool')} of {len(declared)} without types or a description",
                    f"type and describe the parameters of {loose[0].short}", places(loose))  # fmt: skip
    if tools or (handed and design.has_agent(facts)):
        return weak("tools are there, but not declared in one typed list", "declare each with the framework",
                    places([*tools, *handed]))  # fmt: skip
    if not design.has_agent(facts, "mcp", "fastmcp"):
        return absence.no_agent(facts, "there are no tools")
    return unknown("no tool was found", "declare tools with the framework's decorator")


# ---------------------------------------------------------------- what the check looks for


def _is_tool(facts: Facts, decorator: str) -> bool:
    name = facts.symbols.name(decorator)
    own = name.removesuffix("()").removesuffix("().tool")
    home_made = own != name and own in facts.class_by_name and own.endswith(_REGISTRIES)
    return home_made or frameworks.is_one_of(name, frameworks.TOOL_DECORATORS)


def _added(facts: Facts) -> list[Call]:
    """Return where functions are added to a server of tools."""
    adding = (call for call in facts.ending("tool", "add_tool") if call.role == "call" and call.args)
    return [call for call in adding if call.name.partition("().")[0] in frameworks.TOOL_SERVERS]


def _are_registered(facts: Facts, declared: list[Function]) -> bool:
    """Return whether tools are registered by what declares them, or by a server that lists them."""
    decorated = any(facts.symbols.name(d).endswith("().tool") for f in declared for d in f.decorators)
    offered = any(facts.symbols.name(d).endswith("().list_tools") for f in facts.functions for d in f.decorators)
    return decorated or offered or any(_of_an_agent(facts, f) for f in declared)


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
    typed = [k for k in found if not _ARGUMENTS.isdisjoint(k.fields) or not _ARGUMENTS.isdisjoint(k.methods)]
    return typed if len(typed) >= _SEVERAL and len(typed) * 2 >= len(found) else []
