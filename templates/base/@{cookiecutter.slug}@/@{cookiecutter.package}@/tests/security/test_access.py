"""Who may call what: every route of the application with every role, against ``access/*.yaml``."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from ...models.identity import Role
from ..fixtures.shipped import Shipped, shipped

ANYONE = "anyone"
CALLERS: tuple[Role | None, ...] = (None, *Role)


def declared() -> dict[str, set[str] | str]:
    """Return for each route the roles that may call it."""
    table: dict[str, set[str] | str] = {}
    for path in sorted(Path(__file__).with_name("access").glob("*.yaml")):
        for route, roles in yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader).items():
            assert route not in table, f"{route} is declared twice"
            table[route] = roles if roles == ANYONE else set(roles)
    return table


ACCESS = declared()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shipped]:
    with shipped(tmp_path_factory.mktemp("access")) as service:
        yield service


def test_every_route_has_a_line_and_every_line_a_route(service: Shipped) -> None:
    paths = service.app.openapi()["paths"]
    assert {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods} == set(ACCESS)


def test_only_roles_that_there_are_are_named() -> None:
    named = {role for roles in ACCESS.values() if not isinstance(roles, str) for role in roles}
    assert named <= set(Role)


@pytest.mark.parametrize("role", CALLERS, ids=str)
@pytest.mark.parametrize("route", sorted(ACCESS))
def test_a_route_lets_through_whom_it_should(service: Shipped, route: str, role: Role | None) -> None:
    method, path = route.split(" ")
    headers = {} if role is None else service.headers(role)
    response = service.client.request(method, re.sub(r"\{\w+\}", "x", path), json={}, headers=headers)
    roles = ACCESS[route]
    if roles == ANYONE or (role is not None and role in roles):
        assert response.status_code not in {401, 403}
    else:
        assert response.status_code == (401 if role is None else 403)


@pytest.mark.parametrize("route", sorted(route for route, roles in ACCESS.items() if roles != ANYONE))
def test_a_token_without_a_role_opens_nothing(service: Shipped, route: str) -> None:
    method, path = route.split(" ")
    response = service.client.request(method, re.sub(r"\{\w+\}", "x", path), json={}, headers=service.headers())
    assert response.status_code == 403
