"""Quotas: what all clients of a tenant together may use, by the tenant's tier."""

from limits import RateLimitItem, RateLimitItemPerMinute

from ..config.tenants import TenantSettings
from ..exceptions import QuotaExceededError
from ..utils.metrics import Metrics
from .counters import Counters

REQUESTS = "requests"


class RequestQuotas:
    """Holds each tenant to the requests of its tier.

    Args:
        settings: The tiers, and who has which.
        counters: Where requests are counted.
        metrics: Where refusals are counted, by tier.
    """

    def __init__(self, settings: TenantSettings, counters: Counters, metrics: Metrics) -> None:
        self._settings = settings
        self._counters = counters
        self._metrics = metrics
        self._limits: dict[str, RateLimitItem] = {
            name: RateLimitItemPerMinute(tier.requests_per_minute) for name, tier in settings.tiers.items()
        }

    async def check_quota(self, tenant: str) -> None:
        """Count one request of the tenant.

        Raises:
            QuotaExceededError: Its quota is used up; says when to come back.
        """
        tier = self._settings.tier_of(tenant)
        wait = await self._counters.take(self._limits[tier], f"tenant:{tenant}")
        if wait is not None:
            self._metrics.quota_refusals.labels(tier, REQUESTS).inc()
            raise QuotaExceededError(wait, REQUESTS)
