"""Who calls, and what the caller may do."""

from dataclasses import dataclass

from ..utils.tenancy import DEFAULT_TENANT
from .permissions import ROLE_PERMISSIONS, Permission, Role

__all__ = ["ROLE_PERMISSIONS", "Identity", "Permission", "Role"]


@dataclass(frozen=True)
class Identity:
    """A caller that proved who it is."""

    subject: str
    roles: frozenset[Role] = frozenset()
    tenant: str = DEFAULT_TENANT

    def may(self, permission: Permission) -> bool:
        """Return whether one of the roles grants the permission; without a role nothing is granted."""
        return any(permission in ROLE_PERMISSIONS[role] for role in self.roles)
