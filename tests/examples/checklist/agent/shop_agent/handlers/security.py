"""Who may ask, and how often."""

import jwt
from fastapi import Request
from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

from shop_agent.exceptions import NotAllowedError, TooManyRequestsError
from shop_agent.models import Caller
from shop_agent.services.audit import audit

limiter = MovingWindowRateLimiter(MemoryStorage())


async def authenticated(request: Request) -> str:
    """Return the caller."""
    try:
        claims = jwt.decode(request.headers.get("authorization", ""), request.app.state.settings.signing_key, ["HS256"])
    except jwt.InvalidTokenError as error:
        raise NotAllowedError("a token is needed") from error
    audit.record(Caller(subject=str(claims["sub"]), tenant_id=str(claims["tenant"])), "authenticated")
    return str(claims["sub"])


async def limited(request: Request) -> None:
    """Count the request of this client."""
    client = request.client.host if request.client else "unknown"
    if not await limiter.hit(RateLimitItemPerMinute(60), client):
        raise TooManyRequestsError("slow down")
