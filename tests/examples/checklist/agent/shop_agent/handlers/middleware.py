"""What happens around every request."""

import uuid

import structlog
from fastapi import Request, Response
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint


class CorrelationMiddleware(BaseHTTPMiddleware):
    """Gives each request its id, in every record."""

    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        """Bind the id and go on."""
        structlog.contextvars.bind_contextvars(correlation_id=uuid.uuid4().hex)
        return await call_next(request)
