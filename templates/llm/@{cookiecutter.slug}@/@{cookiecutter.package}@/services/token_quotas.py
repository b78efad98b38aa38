"""Quotas of tokens: what models may read and write in a day for all clients of a tenant together."""

from limits import RateLimitItem, RateLimitItemPerDay

from ..config.tenants import TenantSettings
from ..exceptions import QuotaExceededError
from ..utils.metrics import Metrics
from ..utils.tenancy import current_tenant
from .counters import Counters

TOKENS = "tokens"


class TokenQuotas:
    """Holds each tenant to the tokens of its tier. A day begins with the first token of it.

    Args:
        settings: The tiers, and who has which.
        counters: Where tokens are counted.
        metrics: Where refusals are counted, by tier.
    """

    def __init__(self, settings: TenantSettings, counters: Counters, metrics: Metrics) -> None:
        self._settings = settings
        self._counters = counters
        self._metrics = metrics
        self._limits: dict[str, RateLimitItem] = {
            name: RateLimitItemPerDay(tier.tokens_per_day) for name, tier in settings.tiers.items()
        }

    async def check_quota(self) -> None:
        """Look whether the current tenant has tokens left.

        Raises:
            QuotaExceededError: It has not; says when to come back.
        """
        tenant = current_tenant()
        tier = self._settings.tier_of(tenant)
        wait = await self._counters.wait(self._limits[tier], _key(tenant))
        if wait is not None:
            self._metrics.quota_refusals.labels(tier, TOKENS).inc()
            raise QuotaExceededError(wait, TOKENS)

    async def spend(self, tokens: int) -> None:
        """Count what a run used; the run that crosses the line may end, the next one does not begin."""
        tenant = current_tenant()
        if tokens:
            await self._counters.spend(self._limits[self._settings.tier_of(tenant)], _key(tenant), tokens)


def _key(tenant: str) -> str:
    return f"tokens:{tenant}"
