"""Who may do what: authentication, permission and rate limit, in this order, before a handler runs."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from ..exceptions import AuthenticationError, PermissionDeniedError
from ..models.audit import AuditEntry
from ..models.identity import Identity, Permission
from ..services.container import Container
from ..utils.correlation import current_correlation_id

_bearer = HTTPBearer(auto_error=False, bearerFormat="JWT")


async def get_container(request: Request) -> Container:
    """Return the running service's parts."""
    container: Container = request.app.state.container
    return container


ContainerDep = Annotated[Container, Depends(get_container)]


async def authenticated(
    request: Request,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Identity:
    """Return the caller; from here on its subject and tenant are in every record.

    Raises:
        AuthenticationError: There is no valid token.
        RateLimitedError: The caller, its tenant, or the address that sends bad tokens, asks too often.
    """
    container = await get_container(request)
    try:
        identity = container.tokens.authenticate(credentials.credentials if credentials else "")
    except AuthenticationError:
        await container.admission.refuse(request.client.host if request.client else None)
        raise
    await container.admission.admit(identity, request.scope["route"].path)
    return identity


def require(permission: Permission) -> Callable[..., Awaitable[Identity]]:
    """Return a dependency that lets only callers with the permission through, and writes down who was not."""

    async def permitted(request: Request, identity: Annotated[Identity, Depends(authenticated)]) -> Identity:
        if identity.may(permission):
            return identity
        container = await get_container(request)
        container.audit.record(
            AuditEntry(
                action=permission,
                subject=identity.subject,
                outcome="denied",
                correlation_id=current_correlation_id(),
            )
        )
        message = f"This needs the permission {permission}."
        raise PermissionDeniedError(message)

    return permitted
