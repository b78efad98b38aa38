"""PF: clients of what is outside, and how long they live."""

from __future__ import annotations

import re

from agentctl.checklist import frameworks
from agentctl.checklist.answer import Answer, counted, passed, places, weak
from agentctl.checklist.checks.performance import nothing_leaves, other_clients
from agentctl.checklist.facts import wiring
from agentctl.checklist.facts.index import Facts
from agentctl.checklist.facts.model import KEPT, Call, Function, Module, Value
from agentctl.checklist.ships import Ships
from agentctl.results import Confidence

_HOPS = 5
_MOST = 0.75  # of the clients are kept; the others are an exception
_STARTS = re.compile(
    r"_?(main|create_app|build|make_app|get_app|lifespan|(on_)?startup|setup|start|serve|configure|initiali[sz]e)(_|$)"
)
_OPENS = re.compile(
    r"_*(re)?(init|initiali[sz]e|connect|open|setup|set_up|start|load|ensure|create_pool|set|fresh|new|login|establish|configure)(_|$)"
)
_WRAPS = re.compile(r"^(dspy|crewai|litellm)\.|LiteLLM")  # objects around calls of a library that keeps its connections
_ENTERING = ("enter_async_context", "enter_context")
_START_HOOKS = (
    "before_app_serving", "before_serving", "while_serving", "while_app_serving", "before_app_first_request",
    "before_first_request", "before_server_start", "main_process_start",
)  # fmt: skip
_START_EVENTS = {b"startup", b"before_server_start", b"main_process_start"}
_COMMAND = re.compile(r"^(typer|click|cyclopts|asyncclick)\.\w+(\(\))?(\.(command|callback))?(\(\))?$")
_APP_FACTORY = re.compile(r"_*(create|make|build|init)_app(lication)?$")
_PAGES = {"streamlit", "gradio"}
_VALIDATORS = ("pydantic.model_validator", "pydantic.root_validator", "pydantic.validator", "pydantic.field_validator",
               "pydantic.v1.root_validator", "langchain_core.utils.pre_init")  # fmt: skip
_CONSTRUCTORS = {"__new__", "__init__", "__aenter__", "__enter__", "__post_init__", "__setstate__", "model_post_init"}
_TAKES = re.compile(
    r"(^|\.)_*([A-Z]\w*|(create|make|build|set|get)_\w*(agent|chain|graph|client|model|engine|index|retriever|executor)s?)$"
)  # what makes an object around a client


def pf02(facts: Facts, _ships: Ships) -> Answer:
    """Are connections pooled and clients reused, never built per request?

    Why: guide 0 "Connection Pooling", guides 3 and 4.
    Counts: clients made at module level, in a constructor or a validator of pydantic, in a lifespan, in what makes the
    application, in what the framework calls once at its start or in a cached factory, or in a factory that only what
    starts the program calls; those that an object or the module keeps once they were asked for, or enters into its own
    stack of contexts, or that go into an object which is kept; clients around a pool that is handed in; calls of a
    library that keeps its connections (LiteLLM). Three of four, of the clients and of those that ask a factory, are
    enough, the others are named; what a command of a program or its start asks once, and what a page of Streamlit or
    Gradio beside a service asks, is left aside where clients are kept elsewhere.
    Does not count: ``requests.get`` and the like outside a cached function, which connect anew each time; what a loop
    makes anew in each round, wherever it stands.
    Closed: n/a when nothing leaves the process.
    Mend: make the client once, with the application, and hand it on.
    """
    made = [*facts.called_as(*frameworks.CLIENTS), *facts.called_as(*frameworks.POOLED_CALLS)]
    bare = [call for call in facts.called_as(*frameworks.BARE_CALLS) if call.name not in frameworks.POOLED_CALLS]
    others = [c for c in other_clients(facts) if not _WRAPS.search(c.name)]
    others += facts.called_as(*frameworks.CONNECTED)
    if not made and not bare and not others:
        others = facts.called_as(*frameworks.SESSIONS)
    if not made and not bare and not others:
        return nothing_leaves(facts, "no client of anything outside was found")
    cached = facts.once(_cached)
    kept = [call for call in made if _is_kept(facts, call)]
    loose = [*(call for call in made if call not in kept), *(c for c in bare if c.function not in cached)]
    if kept:  # what is asked once, where something starts or by a command before the program ends, is no use of clients
        client = any(c.name not in frameworks.POOLED_CALLS for c in kept)
        loose = [c for c in loose if not (client and c in bare and _is_kept(facts, c))]
        loose = [c for c in loose if c.loop or c.function not in facts.once(commands)]
        loose = [c for c in loose if c not in bare or c.path not in facts.once(_pages)]
    strange = [call for call in others if not _is_kept(facts, call)]
    if not made and not bare:
        kept, loose = [call for call in others if call not in strange], strange
    elif strange and kept and not loose:
        return weak(f"{counted(kept, 'known client')} kept; how {strange[0].name} connects cannot be told",
                    "make each client once, with the application", places([*strange, *kept]),
                    confidence=Confidence.MEDIUM)  # fmt: skip
    total = len(kept) + len(loose)
    apart = [site for call in kept for site in _apart(facts, call)]
    if kept and not loose and apart:
        return passed(f"{counted(kept, 'known client')} made once and kept; {apart[0].function} gets one for itself",
                      places([*apart[:2], *kept]), confidence=Confidence.MEDIUM)  # fmt: skip
    if kept and not loose:
        return passed(f"{counted(kept, 'known client')} made once and kept, none per call", places(kept))
    if kept and len(kept) >= _MOST * total:
        return passed(f"{len(kept)} of {total} clients are made once and kept; {loose[0].name} connects for each call",
                      places([*loose[:2], *kept]), confidence=Confidence.MEDIUM)  # fmt: skip
    return weak(f"{len(kept)} of {total} clients are kept; the others are made for each call",
                "make the client once, with the application, and hand it on", places(loose),
                confidence=Confidence.MEDIUM)  # fmt: skip


def _is_kept(facts: Facts, call: Call, hops: int = _HOPS) -> bool:
    """Return whether what a call makes outlives a request: made with the program, an object or a cache, or kept."""
    if call.function in facts.symbols.modules or call.function in facts.class_by_name:
        return True
    if call.name in frameworks.POOLED_CALLS:  # the library keeps the connections
        return True
    function = facts.function.get(call.function)
    if function is None or call.loop:
        return False
    return _is_kept_here(facts, function, call) or (hops > 0 and _is_kept_by_callers(facts, function, hops - 1))


def _is_kept_here(facts: Facts, function: Function, call: Call) -> bool:
    """Return whether the function itself runs once, or keeps what a call in it makes."""
    pooled = call.has("http_client", "connection_pool", "connector")  # what connects is kept elsewhere
    once = pooled or _is_once(facts, function) or _is_stored(facts, call)
    return once or _is_entered(facts, call) or _is_handed_on(facts, call)


def _is_kept_by_callers(facts: Facts, function: Function, hops: int) -> bool:
    """Return whether those that call a factory keep what it makes, or call it where something starts.

    All of them, but of those that call what makes the client itself, where most are enough.
    """
    sites, loose = _sites(facts, function), _loose_sites(facts, function, hops)
    return bool(sites) and (not loose or (hops == _HOPS - 1 and len(sites) - len(loose) >= _MOST * len(sites)))


def _apart(facts: Facts, call: Call) -> list[Call]:
    """Return the calls of the factory around a client that is kept, of which that is not so."""
    function = facts.function.get(call.function)
    if function is None or call.name in frameworks.POOLED_CALLS or _is_kept_here(facts, function, call):
        return []
    return _loose_sites(facts, function, _HOPS - 1)


def _sites(facts: Facts, function: Function) -> list[Call]:
    """Return where a function is called, by its own name or by that of the one whose place it takes."""
    names = {function.name, *_overridden(facts, function)}
    called = facts.ending(function.short)
    return [site for site in called if site.role != "decorator" and facts.own_function(site.name) in names]


def _loose_sites(facts: Facts, function: Function, hops: int) -> list[Call]:
    """Return the calls of a factory that neither keep what it makes nor stand where something starts."""
    asked = function.name in facts.once(wiring.on_requests)
    return [
        site
        for site in _sites(facts, function)
        if not (_is_stored(facts, site) or _is_handed_on(facts, site))
        and (asked or not (_is_start(facts, site) or _is_kept(facts, site, hops)))
    ]


def _overridden(facts: Facts, function: Function) -> set[str]:
    """Return the methods of classes above that a method takes the place of: what calls those calls it."""
    kind = facts.class_by_name.get(function.class_name or "")
    return {f"{base}.{function.short}" for base in facts.bases(kind)} if kind else set()


def _is_stored(facts: Facts, call: Call) -> bool:
    """Return whether an object or the module keeps the result: once it was asked for, under a key, or on connecting."""
    module = facts.modules[call.path]
    kept = {one.name.removeprefix(KEPT) for one in module.mentions
            if one.function == call.function and one.name.startswith(KEPT)}  # fmt: skip
    if f"{call.raw}()" in kept or (call.role == "call" and any(_is_instead(facts, call, one) for one in kept)):
        return True
    lasting = {name: line for name, line in module.made_at.items() if "()." in name or "." not in name}
    here = [name for name, line in lasting.items() if line == call.line]
    if not _OPENS.match(call.function.rpartition(".")[2]):
        return bool(here) and (bool(kept) or _is_lacking(facts, call, here))
    return bool(here) or any(
        "()." in name and _stands_for(module, module.values.get(name, ""), f"{call.raw}()") for name in lasting
    )


def _is_lacking(facts: Facts, call: Call, attributes: list[str]) -> bool:
    """Return whether a function gives back the attribute that it sets, or found before that there is none."""
    module = facts.modules[call.path]
    given = module.values.get(f"{call.function.removeprefix(f'{module.name}.')}()", "")
    handlers = (h for h in facts.handlers_in.get(call.function, ()) if h.line <= call.line <= h.end)
    return given.removeprefix(f"{module.name}.") in attributes or any("AttributeError" in h.types for h in handlers)


def _is_instead(facts: Facts, call: Call, kept: str) -> bool:
    """Return whether what is kept is of the same library, as one of several branches makes it."""
    root = frameworks.root(call.name)
    return not facts.symbols.is_own(call.name) and frameworks.root(kept) == root and kept.endswith("()")


def _is_entered(facts: Facts, call: Call) -> bool:
    """Return whether an object's own stack of contexts, which it closes with itself, keeps the result."""
    made, module = f"{call.raw}()", facts.modules[call.path]
    stacks = (c for c in facts.calls_in(call.function) if c.raw.rpartition(".")[2] in _ENTERING)
    entered = (str(v) for c in stacks if c.raw.partition("().")[0] in facts.class_by_name for v in c.args)
    return any(_stands_for(module, value, made) for value in entered)


def _is_handed_on(facts: Facts, call: Call) -> bool:
    """Return whether what is made goes into an object that is kept: ``self.agent = Agent(client)``."""
    made, module = f"{call.raw}()", facts.modules[call.path]
    takers = (c for c in facts.calls_in(call.function) if c is not call and _TAKES.search(c.raw))
    return any(
        isinstance(value, str) and _stands_for(module, value, made) and _is_stored(facts, taker)
        for taker in takers
        for value in (*taker.args, *taker.keywords.values())
    )


def _stands_for(module: Module, value: str, made: str) -> bool:
    """Return whether a value is what a call makes, or a variable that holds it."""
    return made in {value, module.values.get(value.removeprefix(f"{module.name}."))}


def _is_once(facts: Facts, function: Function) -> bool:
    once = function.name in facts.once(_cached) or function.name in facts.once(_hooks)
    once = once or any(facts.symbols.name(d).removesuffix("()") in _VALIDATORS for d in function.decorators)
    return function.short in _CONSTRUCTORS or once or bool(function.yields or _APP_FACTORY.match(function.short))


def _is_start(facts: Facts, site: Call) -> bool:
    function = facts.function.get(site.function)
    if function is None:  # a module or a class
        return not site.loop
    return not site.loop and (_is_once(facts, function) or bool(_STARTS.match(function.short)))


def _cached(facts: Facts) -> set[str]:
    return {f.name for f in facts.functions if any("cache" in facts.symbols.name(d) for d in f.decorators)}


def _pages(facts: Facts) -> set[str]:
    """Return the modules of pages of Streamlit or Gradio, where a service of its own stands beside them."""
    pages = {module.path for module in facts.shipped if not module.imports.keys().isdisjoint(_PAGES)}
    serving = {route.source for route in facts.routes}  # one that mounts a page is none itself
    return pages - serving if serving else set()


def commands(facts: Facts) -> set[str]:
    """Return the own functions that are commands of a program, which ends with them."""
    found = {f.name for f in facts.functions if any(_COMMAND.match(facts.symbols.name(d)) for d in f.decorators)}
    handed = (c for c in facts.called("typer", "click", "cyclopts") if c.role == "call" and _COMMAND.match(c.name))
    return found | {facts.own_function(facts.symbols.name(str(c.args[0]))) for c in handed if c.args}


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
