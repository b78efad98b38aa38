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
    START = "projects:start"
    FOLLOW = "projects:follow"
    """Look at projects, cancel and resume them: one's own."""
    MANAGE = "projects:manage"
    """The same with everybody's."""
    DECIDE = "projects:decide"
    """Answer the questions of projects: one's own, with ``MANAGE`` everybody's."""


ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.CLIENT: frozenset({Permission.ASK, Permission.START, Permission.FOLLOW, Permission.DECIDE}),
    Role.OPERATOR: frozenset({Permission.INSPECT, Permission.FOLLOW, Permission.MANAGE}),
    Role.ADMIN: frozenset(Permission),
}
