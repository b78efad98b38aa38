"""What a request passes through: middleware, dependencies, handlers and all that they reach."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from agentctl.checklist import frameworks
from agentctl.checklist.facts.index import Facts
from agentctl.checklist.facts.model import Call, Value

_ADDING = (".add_middleware", ".middleware", ".middleware()", ".before_request", ".before_app_request",
           "middleware.Middleware")  # fmt: skip
_APPS = frozenset(frameworks.APPS)
_GIVEN = ("middlewares", "middleware", "guards", "before_request")
_METHODS = ("dispatch", "__call__", "process_request", "before", "authenticate")


def middleware(facts: Facts) -> dict[str, Call]:
    """Return the own functions that every request passes, each with the call that wires it."""
    return facts.once(_middleware)


def _middleware(facts: Facts) -> dict[str, Call]:
    found: dict[str, Call] = {}
    for call in facts.calls_named(lambda name: name in _APPS or name.endswith(_ADDING)):
        given = _given(call) if call.name in _APPS else (*call.args, call.keywords.get("dispatch"))
        for value in given:
            if isinstance(value, str) and value:
                found.update(dict.fromkeys(_functions(facts, facts.symbols.name(value)), call))
    return found


def _given(call: Call) -> Iterator[Value]:
    """Yield what an application is given when it is made: aiohttp's and Litestar's middleware and guards."""
    for word in _GIVEN:
        value = call.keywords.get(word)
        yield from value if isinstance(value, tuple) else (value,)


def on_every_request(facts: Facts) -> set[str]:
    """Return the own functions that the middleware reaches."""
    return reached(facts, middleware(facts))


def on_requests(facts: Facts) -> set[str]:
    """Return the own functions that any request reaches: middleware, dependencies, handlers."""
    starts = set(middleware(facts))
    for route in facts.routes:
        starts.add(str(facts.symbols.identity(route.handler)))
        starts |= {facts.own_function(facts.symbols.name(name)) for name in route.depends}
    return reached(facts, starts)


def reached(facts: Facts, starts: Iterable[str]) -> set[str]:
    """Return the own functions that some functions reach, themselves included."""
    return {found for start in starts if start in facts.function for found in facts.reach(start)}


def _functions(facts: Facts, name: str) -> list[str]:
    methods = [facts.own_function(f"{name}.{method}") for method in _METHODS]
    return [found for found in (name, *methods) if found in facts.function]
