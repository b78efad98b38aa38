"""The names of the contract's operations."""

import re

from fastapi.routing import APIRoute

_RESOURCE = re.compile(r"(?!v\d+$)[a-z_]+")


def operation_id(route: APIRoute) -> str:
    """Return what generated clients call an operation: what is done, and to what, such as ``find_sessions``."""
    resources = [part for part in route.path.split("/") if _RESOURCE.fullmatch(part) and part != route.name]
    return "_".join([route.name, *resources[-1:]])
