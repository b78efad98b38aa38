"""Who calls, and what the caller may do."""

from dataclasses import dataclass
from enum import StrEnum

from ..utils.tenancy import DEFAULT_TENANT


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


@dataclass(frozen=True)
class Identity:
    """A caller that proved who it is."""

    subject: str
    roles: frozenset[Role] = frozenset()
    tenant: str = DEFAULT_TENANT

    def may(self, permission: Permission) -> bool:
        """Return whether one of the roles grants the permission; without a role nothing is granted."""
        return any(permission in ROLE_PERMISSIONS[role] for role in self.roles)
