import pytest

from ...models.identity import ROLE_PERMISSIONS, Identity, Permission, Role


@pytest.mark.parametrize("permission", Permission)
def test_without_a_role_nothing_is_allowed(permission: Permission) -> None:
    assert not Identity("somebody").may(permission)


@pytest.mark.parametrize("permission", Permission)
def test_an_admin_may_do_everything(permission: Permission) -> None:
    assert Identity("somebody", frozenset({Role.ADMIN})).may(permission)


def test_a_client_may_ask_and_not_inspect() -> None:
    client = Identity("somebody", frozenset({Role.CLIENT}))
    assert client.may(Permission.ASK)
    assert not client.may(Permission.INSPECT)


def test_every_role_is_in_the_table() -> None:
    assert set(ROLE_PERMISSIONS) == set(Role)
