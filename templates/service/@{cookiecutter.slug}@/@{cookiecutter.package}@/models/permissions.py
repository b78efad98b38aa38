"""Roles, and what each may do."""

from enum import StrEnum


class Role(StrEnum):
    """What a token can say about its subject."""

    CLIENT = "client"
    AGENT = "agent"
    OPERATOR = "operator"
    ADMIN = "admin"


class Permission(StrEnum):
    """What an endpoint can ask for."""

    ASK = "answers:ask"
    INSPECT = "health:inspect"
    SUBMIT = "tasks:submit"
    READ_TASKS = "tasks:read"
    MANAGE_TASKS = "tasks:manage"
    READ_AGENTS = "agents:read"
    REGISTER = "agents:register"
    MANAGE_AGENTS = "agents:manage"
    EXPORT = "data:export"


ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.CLIENT: frozenset({Permission.ASK, Permission.SUBMIT, Permission.READ_TASKS, Permission.READ_AGENTS}),
    Role.AGENT: frozenset({Permission.REGISTER, Permission.READ_AGENTS}),
    Role.OPERATOR: frozenset(
        {
            Permission.INSPECT,
            Permission.READ_TASKS,
            Permission.MANAGE_TASKS,
            Permission.READ_AGENTS,
            Permission.MANAGE_AGENTS,
            Permission.EXPORT,
        }
    ),
    Role.ADMIN: frozenset(Permission),
}
