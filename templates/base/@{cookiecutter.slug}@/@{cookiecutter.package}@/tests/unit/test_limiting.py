import pytest

from ...exceptions import RateLimitedError
from ...services.limiting import ClientLimiter


async def test_a_client_is_stopped_at_its_limit_and_told_when_to_return() -> None:
    limiter = ClientLimiter(per_minute=3)
    for _ in range(3):
        await limiter.check("one")
    with pytest.raises(RateLimitedError) as caught:
        await limiter.check("one")
    assert 1 <= caught.value.retry_after <= 120


async def test_clients_do_not_share_their_limits() -> None:
    limiter = ClientLimiter(per_minute=1)
    await limiter.check("one")
    await limiter.check("two")
    with pytest.raises(RateLimitedError):
        await limiter.check("two")
