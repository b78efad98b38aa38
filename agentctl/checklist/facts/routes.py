"""The routes of web applications, whichever framework declares them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from agentctl.checklist import frameworks
from agentctl.checklist.facts.model import Call, Value, literal
from agentctl.checklist.facts.symbols import Symbols

_NOWHERE: list[tuple[str, tuple[str, ...]]] = [("", ())]
_VERBS = {
    *frameworks.ROUTE_METHODS,
    *frameworks.ROUTE_CALLS,
    *(name.rpartition(".")[2] for name in frameworks.ROUTE_OBJECTS),
}
_RELEVANT = {*_VERBS, "include_router", "register_blueprint", "mount"}
_MAKERS = {*frameworks.APPS, *frameworks.ROUTERS}
_CHANGING = {"post", "put", "patch", "delete", "websocket"}


@dataclass(frozen=True, slots=True)
class Route:
    """One route.

    Attributes:
        methods: Lower-case HTTP methods; ``websocket`` for a socket; empty when it cannot be told.
        path: The URL path, prefixes of routers joined; None when it is not a constant.
        handler: Qualified name of the function.
        owner: The application or router that it hangs on.
        depends: What ``dependencies=[…]`` names, on the route, its router and its application.
    """

    methods: tuple[str, ...]
    path: str | None
    handler: str
    owner: str
    source: str
    line: int
    depends: tuple[str, ...] = ()

    @property
    def changing(self) -> bool:
        """Whether it can change something."""
        return bool(_CHANGING & set(self.methods))


def routes(calls: list[Call], symbols: Symbols) -> list[Route]:
    """Return every route that the calls declare, of those that may (``may_declare``)."""
    prefixes = _prefixes(calls, symbols)
    return [route for call in calls for route in _routes(call, symbols, prefixes)]


def may_declare(name: str) -> bool:
    """Return whether a call of that name can make a router or declare a route."""
    return name in _MAKERS or name[name.rfind(".") + 1 :] in _RELEVANT


@dataclass(frozen=True, slots=True)
class _Mount:
    prefix: str = ""
    parent: str | None = None
    depends: tuple[str, ...] = ()


def is_app(name: str) -> bool:
    """Return whether a name is an instance of a web application."""
    return name.endswith("()") and name[:-2] in frameworks.APPS


def is_router(name: str) -> bool:
    """Return whether a name is an instance of an application or a router."""
    return is_app(name) or (name.endswith("()") and name[:-2] in frameworks.ROUTERS)


def depends_on(call: Call) -> tuple[str, ...]:
    """Return what a call's ``dependencies=[Depends(x)]`` names, filled in by the index, and its own class of routes."""
    found = call.keywords.get("dependencies:names")
    named = tuple(name for name in found if isinstance(name, str)) if isinstance(found, tuple) else ()
    kind = call.keywords.get("route_class")
    return (*named, f"{kind}.get_route_handler") if isinstance(kind, str) else named


def _routes(call: Call, symbols: Symbols, mounts: dict[str, list[_Mount]]) -> Iterator[Route]:
    owner_name, _, verb = call.name.rpartition(".")
    if verb not in _VERBS:
        return
    if (is_router(owner_name) and verb in frameworks.ROUTE_METHODS and call.args) or (
        owner_name and verb in frameworks.ROUTE_CALLS and is_router(owner_name.removesuffix(".router"))
    ):
        yield from _placed(call, verb, _handler(call), _owner(call, symbols), mounts)
    elif frameworks.is_one_of(call.name, frameworks.ROUTE_OBJECTS) and call.args:
        verb = verb if verb in frameworks.ROUTE_METHODS else "get"
        owner = _owner(call, symbols) if call.role == "decorator" else ""
        yield from _placed(call, verb, _handler(call), owner, mounts)


def _owner(call: Call, symbols: Symbols) -> str:
    return symbols.identity(call.raw.rpartition(".")[0])


def _handler(call: Call) -> str:
    if call.role == "decorator":
        return call.args[-1] if isinstance(call.args[-1], str) else ""
    named = call.keywords.get("endpoint") or call.keywords.get("view_func") or call.keywords.get("handler")
    found = [named, *call.args[1:]]
    return next((value for value in found if isinstance(value, str) and value), "")


def _placed(call: Call, verb: str, handler: str, owner: str, mounts: dict[str, list[_Mount]]) -> Iterator[Route]:
    first = call.args[0] if call.args else call.keywords.get("path")
    own = literal(first)
    depends = depends_on(call)
    for prefix, inherited in _above(owner, mounts) or _NOWHERE:
        path = None if own is None else re.sub(r"//+", "/", f"/{prefix}/{own}") if prefix or own else "/"
        yield Route(
            methods=_methods(call, verb),
            path=path and (path.rstrip("/") or "/"),
            handler=handler,
            owner=owner,
            source=call.path,
            line=call.line,
            depends=(*depends, *inherited),
        )


def _methods(call: Call, verb: str) -> tuple[str, ...]:
    named = call.keywords.get("methods")
    if isinstance(named, tuple):
        return tuple(method.lower() for value in named if (method := literal(value)))
    word = verb.removeprefix("add_").removesuffix("_route")
    if word.startswith("api_websocket") or "websocket" in word:
        return ("websocket",)
    verb_itself = word in frameworks.ROUTE_METHODS and not word.endswith("route")
    return (word,) if verb_itself else ("get",)


def _prefixes(calls: list[Call], symbols: Symbols) -> dict[str, list[_Mount]]:
    """Return where each router hangs: its own prefix and those of what includes it."""
    mounts: dict[str, list[_Mount]] = {}
    for call in calls:
        if call.name.endswith((".include_router", ".register_blueprint", ".mount")):
            child = _child(call)
            if child:
                parent = symbols.identity(call.raw.rpartition(".")[0])
                prefix = call.keywords.get("prefix") or call.keywords.get("url_prefix")
                if call.name.endswith(".mount") and call.args and literal(call.args[0]) is not None:
                    prefix = call.args[0]
                mount = _Mount(literal(prefix) or "", parent, depends_on(call))
                mounts.setdefault(symbols.identity(child), []).append(mount)
    for symbol, call in _constructed(calls, symbols):
        own = _Mount(
            literal(call.keywords.get("prefix") or call.keywords.get("url_prefix")) or "", None, depends_on(call)
        )
        mounts[symbol] = [
            _Mount(f"{mount.prefix}/{own.prefix}", mount.parent, (*mount.depends, *own.depends))
            for mount in mounts.get(symbol, [_Mount()])
        ]
    return mounts


def _constructed(calls: list[Call], symbols: Symbols) -> Iterator[tuple[str, Call]]:
    """Yield each router's or application's symbol with the call that made it."""
    made = {f"{name}()" for name in (*frameworks.APPS, *frameworks.ROUTERS)}
    by_place = {(call.path, call.line, call.name): call for call in calls if f"{call.name}()" in made}
    for module in symbols.modules.values() if by_place else ():
        for short, value in module.values.items():
            name = symbols.name(value)
            if name in made:
                call = by_place.get((module.path, module.made_at.get(short, 0), name[:-2]))
                if call is not None:
                    yield symbols.identity(f"{module.name}.{short}"), call


def _child(call: Call) -> str | None:
    values: list[Value] = [*call.args, call.keywords.get("router"), call.keywords.get("blueprint")]
    return next((value for value in values if isinstance(value, str) and value), None)


def _above(owner: str, mounts: dict[str, list[_Mount]], depth: int = 6) -> list[tuple[str, tuple[str, ...]]]:
    found: list[tuple[str, tuple[str, ...]]] = []
    for mount in mounts.get(owner, []) if depth else ():
        if mount.parent is None or mount.parent == owner:
            found.append((mount.prefix, mount.depends))
            continue
        for prefix, depends in _above(mount.parent, mounts, depth - 1) or _NOWHERE:
            found.append((f"{prefix}/{mount.prefix}", (*depends, *mount.depends)))
    return found
