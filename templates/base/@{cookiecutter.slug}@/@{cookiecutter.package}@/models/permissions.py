"""Roles, and what each may do."""

from enum import StrEnum


class Role(StrEnum):
    """What a token can say about its subject."""

    CLIENT = "client"
    OPERATOR = "operator"
    ADMIN = "admin"


class Permission(StrEnum):
    """What an endpoint can ask for."""

    ASK = "answers:ask"
    INSPECT = "health:inspect"


ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.CLIENT: frozenset({Permission.ASK}),
    Role.OPERATOR: frozenset({Permission.INSPECT}),
    Role.ADMIN: frozenset(Permission),
}
