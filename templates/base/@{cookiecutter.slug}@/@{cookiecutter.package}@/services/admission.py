"""Who comes in, once it is known who that is: from there on every record, row and cached answer is its tenant's."""

import structlog

from ..models.identity import Identity
from ..utils.tenancy import bind_tenant
from .limiting import EVERYWHERE, ClientLimiter
from .quotas import RequestQuotas


class Admission:
    """Lets callers in within their limits.

    Args:
        limiter: The share of each client.
        quotas: The share of each tenant.
    """

    def __init__(self, limiter: ClientLimiter, quotas: RequestQuotas) -> None:
        self._limiter = limiter
        self._quotas = quotas

    async def admit(self, identity: Identity, route: str = EVERYWHERE) -> None:
        """Work for the caller from here on.

        Raises:
            RateLimitedError: The caller, or all callers of its tenant together, ask too often.
        """
        bind_tenant(identity.tenant)
        structlog.contextvars.bind_contextvars(subject=identity.subject)
        await self._limiter.check(f"subject:{identity.tenant}:{identity.subject}", route)
        await self._quotas.check_quota(identity.tenant)

    async def refuse(self, address: str | None) -> None:
        """Count a call without a valid token.

        Raises:
            RateLimitedError: The address sends too many of them.
        """
        await self._limiter.check(f"address:{address or 'unknown'}")
