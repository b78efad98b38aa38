"""CQ: what comes in from outside, and what it is validated against."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection

from agentctl.checklist import frameworks
from agentctl.checklist.answer import Answer, counted, passed, places, unknown, weak
from agentctl.checklist.facts.index import Facts
from agentctl.checklist.facts.model import Call, Class, Function
from agentctl.checklist.facts.routes import Route
from agentctl.checklist.ships import Ships
from agentctl.results import Confidence

_RAW_TO_TYPED = 10  # routes with a model to one that reads a raw body
_CHECKED = 3  # functions that refuse arguments
_TOOLS_TO_ROUTE = 5  # tools to one changing route beside them that takes no model
_TELLING = re.compile(r"^_?(register|add)_(mcp_)?(tool|function)$")
_OFTEN = 5  # places in which models are made of mappings
_ONE_IN = 20  # tools may lack a type
_OF_SIGNATURES = ("func_metadata", "from_function")
_SERVERS_OF_TOOLS = ("mcp.server.", "fastmcp.")
_SEVERAL = 3  # of the models, where they are half of all
_REFUSED = {400, 404, 409, 422}
_OPEN = {"dict", "Any", "object", "typing.Dict", "typing.Any", "fastapi.Request", "starlette.requests.Request"}
_STRICT, _VALIDATED = 3, 2  # what says how strict models are, and validations by them
_BOUNDS = ("ge", "le", "gt", "lt", "min_length", "max_length", "pattern")
_OF_FORMS = ("rest_framework.serializers", "django.forms")
_FIELDS = re.compile(r"(\brequest|Request\(\))\.(POST|data)\.\w+$")
_BODY = re.compile(r"(\brequest|Request\(\))\.body$|\btext_data$")
_TAKING = {"post", "put", "patch"}
_SIMPLE = {"str", "int", "float", "bool"}
# Decorators that validate what a handler is asked with, by the model that they are given.
_VALIDATING = {"arguments", "use_args", "use_kwargs", "input", "expect", "validate", "validate_request",
               "validate_json", "validate_querystring", "event_parser"}  # fmt: skip
_TOLD_MODEL = re.compile(r"(^\?|[._])(model|schema)(_class|_type|_cls)?$")
_READING = {"json.loads", "orjson.loads", "yaml.safe_load", "tomllib.loads"}
_ASKED_WITH = re.compile(r"\b(request|req)\.(json|form|args|values|data|body)$")
_OUTSIDE = (
    {"event", "context"},
    {"request"},
    {"req"},
    {"arguments"},
)  # parameters of what a platform or a server calls


def cq03(facts: Facts, ships: Ships) -> Answer:
    """Is what comes in from outside validated against a declared type or schema at the boundary?

    Why: guide 0 "Input Validation and Sanitization", guides 1, 2, 3 and 4 the same.
    Counts: route handlers whose body is a model (pydantic, msgspec, marshmallow, a form); explicit validation
    of a raw body in the same function; serializers and forms of Django that are asked whether they are valid; tools of
    a server whose parameters all have types, which it validates, methods of whose signatures a library makes models
    among them; where no route is read, strict models (bounds, validators, ``extra="forbid"``) that the code validates
    with; models that five places make of mappings or of JSON, or a handler of a platform or a server makes of what it
    is given, or that a decorator is given, or that half of the models make of themselves in three; models that are made
    at run time and are parameters of handlers; where nothing lets requests in, three tools of a library with types
    beside strict models and functions that refuse arguments. One raw body beside ten declared ones is borne, one tool
    of twenty without types, a form where the route declares fields of it, and a body that a dependency of the routes
    looks at and refuses.
    Does not count: a model that no handler takes; ``request.json()`` and ``receive_text()`` used as they come. Schemas
    of tools, routes with parameters of simple types only, and arguments that functions check by hand, warn.
    Closed: never; an unfound boundary could be elsewhere.
    Mend: give each handler a model with bounds as its parameter.
    """
    models = _models(facts)
    raw, validated = _bodies(facts)
    typed = [route for route in facts.routes if _takes_model(facts, route)]
    declared = {facts.symbols.identity(route.handler) for route in typed}
    refusing = _refusing(facts) if raw else set()
    raw = [c for c in raw if c.function not in refusing  # the files beside its fields
           and not (c.raw.endswith(".form") and c.function in declared)]  # fmt: skip
    tools = served_tools(facts)
    other = len([route for route in facts.routes if route.changing]) - len(typed)
    if tools and not raw and other * _TOOLS_TO_ROUTE <= len(tools):
        return _of_tools(tools)
    alone = ships.serves or (not raw and not any(_is_open(facts, route) for route in facts.routes))
    if alone and typed and len(raw) * _RAW_TO_TYPED <= len(typed):
        verb = "takes" if len(typed) == 1 else "take"
        others = f"{len(raw)} read" if raw else "none reads"
        return passed(f"{counted(typed, 'route')} {verb} a declared model and {others} a raw body",
                      places([*typed, *raw]))  # fmt: skip
    if validated and not raw:
        return passed(f"what {counted(validated, 'request')} bring is validated where it is read", places(validated))
    made = _made_of_mappings(facts)
    often = len(made) >= _OFTEN * max(len(typed), 1) or (not typed and not raw and _make_themselves(models, made))
    if often and len(raw) * _RAW_TO_TYPED <= len(made):
        return passed(f"declared models validate what is handed over in {counted(made, 'place')}",
                      places([*made, *raw]), confidence=Confidence.MEDIUM)  # fmt: skip
    signed = [tool for tool in tools_by_signature(facts) if _is_typed(tool)] if not typed else []
    if signed and len(raw) * _RAW_TO_TYPED <= len(signed) + len(validated):
        words = f"{counted(signed, 'tool')} with a model of the signature, {len(validated)} bodies that are validated"
        return passed(f"{words} and {len(raw)} raw", places([*signed, *validated, *raw]),
                      confidence=Confidence.MEDIUM)  # fmt: skip
    if typed or (raw and models):
        found = [*places(raw), *places(typed[:2])]
        words = f"a declared model is taken by {counted(typed, 'route')}, a raw body is read in {counted(raw, 'place')}"
        return weak(words, "validate the raw bodies against a model before using them", found)
    held = _held_by_tools(facts) if models and not raw and not ships.is_asked else []
    if held:
        return passed("tools whose library validates by types, strict models and functions that refuse take all that "
                      "comes in", places(held), confidence=Confidence.MEDIUM)  # fmt: skip
    return _elsewhere(facts, models, raw) or _beside_boundaries(facts, models, raw)


def _elsewhere(facts: Facts, models: list[Class], raw: list[Call]) -> Answer | None:
    """Answer where boundaries are no routes that are read: views of Django, a library's routers, a library's input."""
    asked = _forms(facts)
    bodies = _raw_forms(facts, {call.function for call in asked}) if asked else []
    if asked and not raw and len(bodies) * _RAW_TO_TYPED <= len(asked):
        return passed(f"serializers or forms validate what comes in, in {counted(asked, 'place')}",
                      places([*asked, *bodies]))  # fmt: skip
    if asked and bodies:
        words = f"serializers or forms validate in {counted(asked, 'place')}"
        return weak(f"{words}, and {counted(bodies, 'function')} take what comes in as it is",
                    "validate it by a serializer or a form", places([*bodies, *asked]))  # fmt: skip
    taking = [*_taking_models(facts), *_told_models(facts)]
    if taking and not raw:
        return passed(f"{counted(taking, 'handler')} of a library's router with a declared model as parameter",
                      places(taking), confidence=Confidence.MEDIUM)  # fmt: skip
    built = _built(facts)
    if built and not raw:
        return passed(f"models that are made at run time are parameters of {counted(built, 'handler')}", places(built),
                      confidence=Confidence.MEDIUM)  # fmt: skip
    making = _making_models(facts) if models and not raw else []
    if making:
        return passed(f"a declared model is made of what comes in, in {counted(making, 'handler')}", places(making),
                      confidence=Confidence.MEDIUM)  # fmt: skip
    strict = _strict(facts) if models else []
    validated = facts.ending(*frameworks.MODEL_VALIDATIONS) if len(strict) >= _STRICT else []
    if len(validated) >= _VALIDATED and not raw:
        return passed("strict models validate what comes in", places([*validated, *strict]),
                      confidence=Confidence.MEDIUM)  # fmt: skip
    return None


def _of_tools(tools: list[Function]) -> Answer:
    bare = [tool for tool in tools if not _is_typed(tool)]
    if len(bare) * _ONE_IN <= len(tools):
        return passed(f"{counted(tools, 'tool')} of a server, whose parameters it validates by their types",
                      places(tools))  # fmt: skip
    return weak(f"{counted(bare, 'tool')} of {len(tools)} without types that the server could validate by",
                f"give every parameter of {bare[0].short} a type", places(bare))  # fmt: skip


def _beside_boundaries(facts: Facts, models: list[Class], raw: list[Call]) -> Answer:
    """Answer where no route takes a model: there may be models, schemas of tools, or checks by hand."""
    if models:
        return weak("models are declared, but no boundary was found that validates with them",
                    "validate what comes in with them where it comes in", places(models),
                    confidence=Confidence.MEDIUM)  # fmt: skip
    hint = "declare a model for each input"
    schemas = [*facts.given("inputSchema", "args_schema"), *_typed_tools(facts)]
    if schemas:
        return weak("only the arguments of tools have a schema", hint, places(schemas))
    simple = _simply_typed(facts) if not raw else []
    if simple:
        return weak(f"{counted(simple, 'route')} with parameters of simple types only, which are checked", hint,
                    places(simple))  # fmt: skip
    checked = _checked(facts)
    if len(checked) >= _CHECKED:
        return weak(f"arguments are checked by hand in {counted(checked, 'function')}, and no model is declared", hint,
                    places(checked))  # fmt: skip
    return unknown("no boundary that validates what comes in was found", hint, places(raw))


# ---------------------------------------------------------------- what the check looks for


def _models(facts: Facts) -> list[Class]:
    return [kind for kind in facts.subclasses(*frameworks.SCHEMAS) if "pydantic_settings.BaseSettings" not in
            facts.bases(kind)]  # fmt: skip


def served_tools(facts: Facts) -> list[Function]:
    """Return the tools that a server of tools, or one of its own that derives from it, offers: decorated or added."""
    own = (kind.name for kind in facts.subclasses(*frameworks.TOOL_SERVERS))
    kinds = {*frameworks.TOOL_SERVERS, *own}
    servers = {f"{server}().tool" for server in kinds}
    adding = [c for c in facts.ending("tool", "tool()", "add_tool") if c.name.partition("().")[0] in kinds]
    first = {facts.symbols.name(str(c.args[0])) for c in adding if c.role == "call" and c.args}
    if not first.isdisjoint(f"{maker}()" for maker in frameworks.TOOLS_OF_FUNCTIONS):
        made = facts.called_as(*frameworks.TOOLS_OF_FUNCTIONS)
        first |= {facts.symbols.name(str(v)) for c in made for v in (*c.args[:1], c.keywords.get("fn"))}
    added = set(map(facts.own_function, first)) | _listed(facts, [*adding, *facts.given("tools")], kinds)
    handed = (c.keywords["tools"] for c in facts.given("tools") if c.name in kinds)
    added |= {facts.own_function(facts.symbols.name(str(v))) for one in handed if isinstance(one, tuple) for v in one}
    return [
        f for f in facts.functions if f.name in added or any(facts.symbols.name(d) in servers for d in f.decorators)
    ]


def tools_by_signature(facts: Facts) -> list[Function]:
    """Return the methods of tools that are classes, of whose signatures a library makes models.

    The type that they derive from asks for that; the method is the one that most of them have and it has not.
    """
    asking = facts.ending(*_OF_SIGNATURES)
    around = (facts.function.get(c.function) for c in asking if c.name.startswith(_SERVERS_OF_TOOLS))
    return [f for one in around if one and one.class_name for f in _concrete(facts, one.class_name)]


def _concrete(facts: Facts, base: str) -> list[Function]:
    derived = facts.subclasses(*_brought(facts, base))
    own = facts.class_by_name[base].methods
    counts = Counter(m for kind in derived for m in kind.methods if m not in own and m[0] != "_")
    shared = [method for method, number in counts.most_common(1) if number * 2 >= len(derived)]
    names = (f"{kind.name}.{method}" for method in shared for kind in derived)
    return [facts.function[name] for name in names if name in facts.function]


def _listed(facts: Facts, offering: list[Call], kinds: Collection[str]) -> set[str]:
    """Return the own functions that a server gets from a list: in a loop, or as a whole that is not written there.

    They are those that a function for it was told (``register_tool(find)``), or that the module with the loop names.
    """
    looped = [c for c in offering if c.loop and c.role == "call" and c.args]
    whole = [c for c in offering if c.name in kinds and isinstance(c.keywords.get("tools"), str)]
    if not looped and not whole:
        return set()
    told = (c.args[0] for c in facts.worded(_TELLING.search) if c.args and facts.own_function(c.name) in facts.function)
    homes = {c.path: {c.function, facts.modules[c.path].name} for c in looped}
    named = (m.name for path, scopes in homes.items() for m in facts.modules[path].mentions if m.function in scopes)
    found = {facts.own_function(facts.symbols.name(v)) for v in (*told, *named) if isinstance(v, str) and v}
    return {name for name in found & facts.function.keys() if name not in facts.ran}


def _made_of_mappings(facts: Facts) -> list[Call]:
    """Return where own models are made of a mapping or of JSON: ``Model(**given)``, ``Model.model_validate(given)``.

    A function of its own may do that with the model that it is handed: ``read(path, Model)``; and a model that a tool
    says of itself, or that an answer should have, may be made of the JSON that a model wrote.
    """
    names = facts.once(_names)
    unpacked, validated = facts.given("**"), facts.ending(*frameworks.MODEL_VALIDATIONS)
    made = [c for c in unpacked if c.name in names or _makes_itself(c, names)]
    made += [c for c in validated if c.name.rpartition(".")[0] in names]
    handed = [(c, c.name) for c in unpacked] + [(c, c.name.rpartition(".")[0]) for c in validated]
    makers = {c.function for c, model in handed if _is_parameter(facts, c.function, model)}
    named = {maker: _naming(facts, maker, names) for maker in sorted(makers)}
    told = [c for c in unpacked if c.name not in names and not named.get(c.function)]
    return [*made, *(c for c in told if _is_of_parsed(facts, c)), *(c for some in named.values() for c in some)]


def _is_of_parsed(facts: Facts, call: Call) -> bool:
    """Return whether a model that is told at run time is made of JSON where that is read: ``model(**parsed)``."""
    told = _TOLD_MODEL.search(call.raw)
    return bool(told) and any(c.name in _READING for c in facts.calls_in(call.function))


def _makes_itself(call: Call, names: Collection[str]) -> bool:
    """Return whether a model reads its own fields: ``super().__init__(**read(path))``."""
    return call.raw == "super().__init__" and call.function.rpartition(".")[0] in names


def _make_themselves(models: list[Class], made: list[Call]) -> bool:
    """Return whether half of the models, and several, are made of what is handed over."""
    named = {c.function.rpartition(".")[0] if c.raw == "super().__init__" else c.name for c in made}
    found = [kind for kind in models if kind.name in named]
    return len(found) >= _SEVERAL and len(found) * 2 >= len(models)


def _refusing(facts: Facts) -> set[str]:
    """Return what routes depend on that refuses what it looks at: it validates in its own way."""
    before = {facts.own_function(facts.symbols.name(name)) for route in facts.routes for name in route.depends}
    before |= {facts.own_function(name) for f in facts.functions for name in facts.depends(f)}
    return {s.function for m in facts.shipped for s in m.statuses if s.use == "call" and s.code in _REFUSED
            and s.function in before}  # fmt: skip


def _is_open(facts: Facts, route: Route) -> bool:
    """Return whether a changing route takes something without a type, or of a type that says nothing."""
    function = facts.function.get(facts.symbols.identity(route.handler)) if route.changing else None
    if function is None or _takes_model(facts, route):
        return False
    told = [parameter for parameter in function.parameters if parameter.name != "self"]
    return any(not p.annotated or not _OPEN.isdisjoint(p.mentions) for p in told)


def _built(facts: Facts) -> list[Function]:
    """Return the handlers with a parameter of a model that the function around them makes."""
    around = {c.function for c in facts.called_as("pydantic.create_model", "pydantic.main.create_model")}
    nested = (f for f in facts.functions if around and f.nested and f.name.rpartition(".")[0] in around)
    return [f for f in nested if any(m.startswith(f"{f.name.rpartition('.')[0]}.") for p in f.parameters
                                     for m in p.mentions)]  # fmt: skip


def _is_parameter(facts: Facts, function: str, name: str) -> bool:
    """Return whether a name is that of a function's own parameter: the model is the caller's."""
    around = facts.function.get(function)
    return name in {f"?{parameter.name}" for parameter in (around.parameters if around else ())}


def _naming(facts: Facts, maker: str, names: Collection[str]) -> list[Call]:
    """Return where a function that makes what it is told is told one of the models."""
    calls = (c for c in facts.ending(maker.rpartition(".")[2]) if facts.own_function(c.name) == maker)
    values = ((c, v) for c in calls for v in (*c.args, *c.keywords.values()) if isinstance(v, str))
    return [c for c, value in values if facts.symbols.identity(value) in names]


def _forms(facts: Facts) -> list[Call]:
    """Return where serializers and forms are asked whether what they were given is valid."""
    own = tuple(f"{kind.name}()" for kind in facts.subclasses(*_OF_FORMS))
    return [c for c in facts.ending("is_valid")
            if c.name.startswith(own) or frameworks.is_one_of(c.name, _OF_FORMS)]  # fmt: skip


def _raw_forms(facts: Facts, validating: set[str]) -> list[Call]:
    """Return where fields or bodies of Django's requests are taken as they come; a middleware only looks at them."""
    fields = [c for c in facts.ending("get", "getlist", "dict") if _FIELDS.search(c.raw)]
    bodies = [c for c in facts.ending("loads") if any(_BODY.search(str(value)) for value in c.args)]
    found = {c.function: c for c in (*bodies, *fields) if c.function not in validating and "middleware" not in c.path}
    return list(found.values())


def _taking_models(facts: Facts) -> list[Function]:
    """Return the handlers that a router of which nothing is known is given, with a model among their parameters."""
    read = {facts.symbols.identity(route.handler) for route in facts.routes}
    names = facts.once(_names)
    routed = (f for f in facts.functions if any(d.rpartition(".")[2] in _TAKING for d in f.decorators))
    handlers = (f for f in routed if f.name not in read
                and any("()" in facts.symbols.name(d) for d in f.decorators))  # fmt: skip
    return [f for f in handlers if any(facts.symbols.name(m) in names for p in f.parameters for m in p.mentions)]


def _told_models(facts: Facts) -> list[Function]:
    """Return the handlers of which a decorator is given a model to validate with."""
    names = facts.once(_names)
    told = (c for c in facts.ending(*_VALIDATING) if c.role == "decorator" and c.args)
    values = ((str(c.args[-1]), v) for c in told for v in (*c.args[:-1], *c.keywords.values()))
    found = (name for name, v in values if isinstance(v, str) and facts.symbols.identity(v) in names)
    return [facts.function[name] for name in dict.fromkeys(found) if name in facts.function]


def _making_models(facts: Facts) -> list[Function]:
    """Return what a platform or a server calls, by its parameters, where most makes models of what it is given."""
    called = [f for f in facts.functions if any(one <= {p.name for p in f.parameters} for one in _OUTSIDE)]
    making = {c.function for c in _made_of_mappings(facts)}
    found = [f for f in called if f.name in making]
    return found if len(found) * 2 >= len(called) else []


def _strict(facts: Facts) -> list[Call]:
    """Return what says how strict models are: keys that they refuse, bounds, validators."""
    forbidding = [c for c in facts.given("extra") if c.keywords["extra"] == b"forbid"]
    bounded = [c for c in facts.called("pydantic") if c.has(*_BOUNDS)]
    checking = [c for c in facts.called("pydantic") if c.raw.endswith("validator")]
    return [*forbidding, *bounded, *checking]


def _is_typed(tool: Function) -> bool:
    return all(parameter.annotated for parameter in tool.parameters if parameter.name != "self")


def _takes_model(facts: Facts, route: Route) -> bool:
    own = facts.symbols.identity(route.handler)
    function = facts.function.get(own) or facts.function.get(facts.own_function(own))
    names = facts.once(_names)
    if function is None:
        return False
    for parameter in function.parameters:
        for mention in parameter.mentions:
            name = facts.symbols.name(mention)
            meant = facts.symbols.name(f"{mention}()").removesuffix("()")  # ``Asked = Annotated[Order, Body()]``
            if not names.isdisjoint((name, meant)) or name.startswith(
                ("fastapi.Form", "fastapi.Body", "fastapi.File", "fastapi.UploadFile")
            ):
                return True
    return False


def _names(facts: Facts) -> set[str]:
    """Return the names of models, those too that a package above brings by ``from .models import *``.

    From a folder that is the root of some process they are imported by the rest of their names: ``models.Order``.
    """
    models = _models(facts)
    brought = {name for kind in models for name in _brought(facts, kind.name)}
    parts = [kind.name.split(".") for kind in models]
    return brought | {".".join(part[start:]) for part in parts for start in range(max(len(part) - 1, 1))}


def _brought(facts: Facts, name: str) -> list[str]:
    """Return the names of a class: its own, and those that packages above give it by ``from .tools import *``."""
    above = (package for package in facts.once(_bringing) if name.startswith(f"{package}."))
    return [name, *(f"{package}.{name.rpartition('.')[2]}" for package in above)]


def _bringing(facts: Facts) -> list[str]:
    return [name for name, module in facts.symbols.modules.items() if "*" in module.aliases]


def _bodies(facts: Facts) -> tuple[list[Call], list[Call]]:
    """Return where a request's body is taken as it comes, and where the same function validates it or makes a model."""
    raw: list[Call] = []
    validated: list[Call] = []
    names = facts.once(_names)
    for call in facts.ending("json", "get_json", "receive_json", "receive_text", "form"):
        owner, _, verb = call.name.rpartition(".")
        request = owner.endswith(("Request()", "flask.request", "WebSocket()", "HTTPConnection()"))
        if request or (verb == "get_json" and owner.endswith("request")):
            around = facts.calls_in(call.function)
            holds = any(c.name.rpartition(".")[2] in frameworks.VALIDATIONS or (c.name in names and c.has("**"))
                        for c in around)  # fmt: skip
            (validated if holds else raw).append(call)
    plain = any(_ASKED_WITH.search(c.raw.rpartition(".")[0]) for c in facts.ending("get"))
    read = [] if plain else facts.ending(*frameworks.MODEL_VALIDATIONS)
    read = [c for c in read if c.name.rpartition(".")[0] in names]
    return raw, [*validated, *(c for c in read if any(_ASKED_WITH.search(str(value)) for value in c.args))]


def _typed_tools(facts: Facts) -> list[Function]:
    """Return the functions that a library makes tools of, which have types for it to validate by."""
    declared = (f for f in facts.functions if any(
        frameworks.is_one_of(facts.symbols.name(d), frameworks.TOOL_DECORATORS) for d in f.decorators))  # fmt: skip
    return [f for f in declared if f.parameters and _is_typed(f)]


def _held_by_tools(facts: Facts) -> list[Function | Call]:
    """Return several tools, all with types, where models are strict and functions refuse beside them."""
    tools, strict, checked = _typed_tools(facts), _strict(facts), _checked(facts)
    return [*tools, *strict] if min(len(tools), len(strict), len(checked)) >= _SEVERAL else []


def _simply_typed(facts: Facts) -> list[Route]:
    """Return the routes of FastAPI all of whose parameters have types, some of them simple ones."""
    handlers = ((r, facts.function.get(facts.symbols.identity(r.handler))) for r in facts.routes)
    found = ((r, f.parameters) for r, f in handlers if f is not None and facts.imported("fastapi"))
    return [r for r, given in found if all(p.annotated for p in given)
            and any(not _SIMPLE.isdisjoint(p.mentions) for p in given)]  # fmt: skip


def _checked(facts: Facts) -> list[Function]:
    """Return the functions that refuse some of their arguments."""
    refusing = {r.function for m in facts.shipped for r in m.raises if r.name in {"ValueError", "TypeError"}}
    return [
        f for f in facts.functions if f.name in refusing and any(p.name not in {"self", "cls"} for p in f.parameters)
    ]
