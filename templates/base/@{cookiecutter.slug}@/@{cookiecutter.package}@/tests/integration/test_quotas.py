"""Limits of clients, routes and tenants by the public routes."""

import pytest

from ...config.settings import Settings
from ...config.tenants import TenantSettings
from ...exceptions import ConfigurationError
from ...models.identity import Role
from ..fixtures.agents import ScriptedAgent
from ..fixtures.service import Service, limited, running


def ask(service: Service, subject: str, tenant: str) -> int:
    headers = service.headers(Role.CLIENT, subject=subject, tenant=tenant)
    return service.client.post("/v1/answers", json={"question": "Why?"}, headers=headers).status_code


def with_quota(settings: Settings, per_minute: int) -> Settings:
    tier = settings.tenants.tiers["standard"].model_dump() | {"requests_per_minute": per_minute}
    tenants = TenantSettings.model_validate({"tiers": {"standard": tier}, "default_tier": "standard"})
    return settings.model_copy(update={"tenants": tenants})


def test_a_tenant_that_used_up_its_quota_is_told_when_to_return(settings: Settings) -> None:
    with running(with_quota(settings, 3), ScriptedAgent()) as service:
        assert [ask(service, subject, "acme") for subject in ("ann", "bob", "cid", "ann")] == [200, 200, 200, 429]
        assert ask(service, "ann", "rival") == 200
        headers = service.headers(Role.CLIENT, tenant="acme")
        refused = service.client.post("/v1/answers", json={"question": "Why?"}, headers=headers)
        metrics = service.client.get("/metrics").text
    problem = refused.json()
    assert (problem["type"], problem["retryable"]) == ("urn:problem:quota-exceeded", True)
    assert 1 <= int(refused.headers["retry-after"]) <= 120
    assert 'agent_quota_refusals_total{quota="requests",tier="standard"} 2.0' in metrics
    assert "acme" not in metrics


def test_routes_with_a_limit_of_their_own_count_apart(settings: Settings) -> None:
    own = limited(settings, rate_limit=3, rate_limits={"/v1/sessions": 1, "/v1/sessions/{session_id}": 2})
    with running(own, ScriptedAgent()) as service:
        headers = service.headers(Role.CLIENT)
        reads = [service.client.get(f"/v1/sessions/{name}", headers=headers) for name in "abc"]
        assert [read.status_code == 429 for read in reads] == [False, False, True]
        assert [ask(service, "somebody", "default") for _ in range(4)] == [200, 200, 200, 429]


def test_a_limit_of_no_route_is_an_error(settings: Settings) -> None:
    wrong = limited(settings, rate_limits={"/v1/answer": 1})
    with pytest.raises(ConfigurationError, match="/v1/answer"), running(wrong, ScriptedAgent()):
        pass
