"""Who may open a stream: as for requests, but a browser cannot send headers and offers its token as a subprotocol."""

import structlog
from fastapi import WebSocket
from starlette.datastructures import Headers

from ..exceptions import AuthenticationError, PermissionDeniedError
from ..models.audit import AuditEntry
from ..models.identity import Identity, Permission
from ..services.container import Container
from ..utils.correlation import HEADER, correlation_id, current_correlation_id

PROTOCOL = "agent.status.v1"
TOKEN_PREFIX = "bearer."  # noqa: S105  # how an offered protocol says that it is a token


def begin(websocket: WebSocket) -> None:
    """Give the stream its correlation id, which every record of it has."""
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(correlation_id=correlation_id(websocket.headers.get(HEADER)))


async def permitted(websocket: WebSocket, container: Container, permission: Permission) -> Identity:
    """Return the caller.

    Raises:
        AuthenticationError: There is no valid token.
        RateLimitedError: The caller, its tenant, or the address that sends bad tokens, asks too often.
        PermissionDeniedError: The caller may not do this; written down.
    """
    try:
        identity = container.tokens.authenticate(_token(websocket.headers))
    except AuthenticationError:
        await container.admission.refuse(websocket.client.host if websocket.client else None)
        raise
    await container.admission.admit(identity, websocket.scope["route"].path)
    if identity.may(permission):
        return identity
    container.audit.record(
        AuditEntry(
            action=permission, subject=identity.subject, outcome="denied", correlation_id=current_correlation_id()
        )
    )
    message = f"This needs the permission {permission}."
    raise PermissionDeniedError(message)


def chosen_protocol(websocket: WebSocket) -> str | None:
    """Return the subprotocol to answer with; never the one that is a token."""
    return PROTOCOL if PROTOCOL in websocket.scope.get("subprotocols", ()) else None


def _token(headers: Headers) -> str:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return token
    offered = [name.strip() for name in headers.get("sec-websocket-protocol", "").split(",")]
    return next((name.removeprefix(TOKEN_PREFIX) for name in offered if name.startswith(TOKEN_PREFIX)), "")
