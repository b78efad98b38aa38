import pytest

from ...exceptions import QuotaExceededError
from ...utils.metrics import Metrics
from ...utils.tenancy import bind_tenant
from ..fixtures.quotas import token_quotas


async def test_a_tenant_stops_when_its_tokens_are_used_up_and_no_other_does() -> None:
    metrics = Metrics("test", "agent", "1.0.0")
    quotas = token_quotas(metrics, tokens=100, acme=300)
    bind_tenant("acme")
    for _ in range(3):
        await quotas.check_quota()
        await quotas.spend(99)
    await quotas.check_quota()
    await quotas.spend(1_000)  # what crosses the line may end
    with pytest.raises(QuotaExceededError, match="tokens") as caught:
        await quotas.check_quota()
    assert 86_000 < caught.value.retry_after <= 86_400
    bind_tenant("rival")
    await quotas.check_quota()
    await quotas.spend(0)
    await quotas.spend(100)
    with pytest.raises(QuotaExceededError):
        await quotas.check_quota()
    samples = [sample for family in metrics.quota_refusals.collect() for sample in family.samples]
    assert {(sample.labels["tier"], sample.labels["quota"], sample.value) for sample in samples} == {
        ("of_acme", "tokens", 1.0),
        ("default", "tokens", 1.0),
    }
