"""The names of the contract's operations."""

import re
from collections.abc import Iterable

from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

_RESOURCE = re.compile(r"(?!v\d+$)[a-z_]+")


def named(routes: Iterable[BaseRoute]) -> list[BaseRoute]:
    """Return the routes, each of the contract with the name of its operation."""
    found = list(routes)
    for route in found:
        if isinstance(route, APIRoute):
            route.operation_id = route.operation_id or operation_id(route)
    return found


def operation_id(route: APIRoute) -> str:
    """Return what generated clients call an operation: what is done, and to what, such as ``find_sessions``."""
    resources = [part for part in route.path.split("/") if _RESOURCE.fullmatch(part) and part != route.name]
    return "_".join([route.name, *resources[-1:]])
