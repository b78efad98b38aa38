"""What each tenant may use."""

from collections import Counter

from shop_agent.exceptions import TooManyRequestsError

USED: Counter[str] = Counter()


def use_quota(tenant_id: str) -> None:
    """Count one answer, and raise beyond the share."""
    USED[tenant_id] += 1
    if USED[tenant_id] > 1000:
        raise TooManyRequestsError("the share is used up")


def cache_key(tenant_id: str, text: str) -> str:
    """Return the key under which an answer is kept."""
    return f"{tenant_id}:{text}"
