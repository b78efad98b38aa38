"""CQ: what comes in from outside, and what it is validated against."""

from __future__ import annotations

from agentctl.checklist import frameworks
from agentctl.checklist.answer import Answer, counted, passed, places, unknown, weak
from agentctl.checklist.facts.index import Facts
from agentctl.checklist.facts.model import Call, Class, Function
from agentctl.checklist.facts.routes import Route
from agentctl.checklist.ships import Ships
from agentctl.results import Confidence

_RAW_TO_TYPED = 10  # routes with a model to one that reads a raw body
_CHECKED = 3  # functions that refuse arguments


def cq03(facts: Facts, ships: Ships) -> Answer:
    """Is what comes in from outside validated against a declared type or schema at the boundary?

    Why: guide 0 "Input Validation and Sanitization", guides 1, 2, 3 and 4 the same.
    Counts: route handlers whose body is a model (pydantic, msgspec, marshmallow, a form); explicit validation
    of a raw body in the same function; tools of a server whose parameters all have types, which it validates. One raw
    body beside ten declared ones is borne.
    Does not count: a model that no handler takes; ``request.json()`` and ``receive_text()`` used as they come. Schemas
    of tools, and arguments that functions check by hand, warn.
    Closed: never; an unfound boundary could be elsewhere.
    Mend: give each handler a model with bounds as its parameter.
    """
    models = _models(facts)
    raw, validated = _bodies(facts, models)
    typed = [route for route in facts.routes if _takes_model(facts, route, models)]
    tools = _served_tools(facts)
    if tools and not raw and len(typed) == len([route for route in facts.routes if route.changing]):
        return _of_tools(tools)
    if ships.serves and typed and len(raw) * _RAW_TO_TYPED <= len(typed):
        verb = "takes" if len(typed) == 1 else "take"
        others = f"{len(raw)} read" if raw else "none reads"
        return passed(f"{counted(typed, 'route')} {verb} a declared model and {others} a raw body",
                      places([*typed, *raw]))  # fmt: skip
    if validated and not raw:
        return passed(f"what {counted(validated, 'request')} bring is validated where it is read", places(validated))
    if typed or (raw and models):
        found = [*places(raw), *places(typed[:2])]
        words = f"a declared model is taken by {counted(typed, 'route')}, a raw body is read in {counted(raw, 'place')}"
        return weak(words, "validate the raw bodies against a model before using them", found)
    return _beside_boundaries(facts, models, raw)


def _of_tools(tools: list[Function]) -> Answer:
    bare = [tool for tool in tools if not _is_typed(tool)]
    if not bare:
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
    checked = _checked(facts)
    if len(checked) >= _CHECKED:
        return weak(f"arguments are checked by hand in {counted(checked, 'function')}, and no model is declared", hint,
                    places(checked))  # fmt: skip
    return unknown("no boundary that validates what comes in was found", hint, places(raw))


# ---------------------------------------------------------------- what the check looks for


def _models(facts: Facts) -> list[Class]:
    return [kind for kind in facts.subclasses(*frameworks.SCHEMAS) if "pydantic_settings.BaseSettings" not in
            facts.bases(kind)]  # fmt: skip


def _served_tools(facts: Facts) -> list[Function]:
    """Return the tools that a server of tools offers by decorating them."""
    servers = {f"{server}().tool" for server in frameworks.TOOL_SERVERS}
    return [f for f in facts.functions if any(facts.symbols.name(d) in servers for d in f.decorators)]


def _is_typed(tool: Function) -> bool:
    return all(parameter.annotated for parameter in tool.parameters if parameter.name != "self")


def _takes_model(facts: Facts, route: Route, models: list[Class]) -> bool:
    function = facts.function.get(facts.symbols.identity(route.handler))
    names = {kind.name for kind in models}
    if function is None:
        return False
    for parameter in function.parameters:
        for mention in parameter.mentions:
            name = facts.symbols.name(mention)
            if name in names or name.startswith(("fastapi.Form", "fastapi.Body", "fastapi.File", "fastapi.UploadFile")):
                return True
    return False


def _bodies(facts: Facts, models: list[Class]) -> tuple[list[Call], list[Call]]:
    """Return where a request's body is taken as it comes, and where the same function validates it or makes a model."""
    raw: list[Call] = []
    validated: list[Call] = []
    names = {kind.name for kind in models}
    for call in facts.ending("json", "get_json", "receive_json", "receive_text", "form"):
        owner, _, verb = call.name.rpartition(".")
        request = owner.endswith(("Request()", "flask.request", "WebSocket()", "HTTPConnection()"))
        if request or (verb == "get_json" and owner.endswith("request")):
            around = facts.calls_in(call.function)
            holds = any(c.name.rpartition(".")[2] in frameworks.VALIDATIONS or (c.name in names and c.has("**"))
                        for c in around)  # fmt: skip
            (validated if holds else raw).append(call)
    return raw, validated


def _typed_tools(facts: Facts) -> list[Function]:
    """Return the functions that a library makes tools of, which have types for it to validate by."""
    declared = (f for f in facts.functions if any(
        frameworks.is_one_of(facts.symbols.name(d), frameworks.TOOL_DECORATORS) for d in f.decorators))  # fmt: skip
    return [f for f in declared if f.parameters and _is_typed(f)]


def _checked(facts: Facts) -> list[Function]:
    """Return the functions that refuse some of their arguments."""
    refusing = {r.function for m in facts.shipped for r in m.raises if r.name in {"ValueError", "TypeError"}}
    return [
        f for f in facts.functions if f.name in refusing and any(p.name not in {"self", "cls"} for p in f.parameters)
    ]
