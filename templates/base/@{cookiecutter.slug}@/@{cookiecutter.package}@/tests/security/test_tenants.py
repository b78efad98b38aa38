"""Tenants: none can read, list, change or guess what is another's, and none uses up what is another's."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import String

from ... import ENV_PREFIX
from ...config.settings import Settings
from ...config.tenants import TenantSettings
from ...exceptions import AuthenticationError, ConfigurationError, QuotaExceededError
from ...handlers.commands import main
from ...models.answer import Answer
from ...models.identity import Identity, Role
from ...models.session import SessionTurn
from ...models.tables import all_tables
from ...models.tables.base import OfTenant, Table
from ...services.counters import Counters
from ...services.quotas import RequestQuotas
from ...utils.metrics import Metrics
from ...utils.tenancy import DEFAULT_TENANT, bind_tenant, current_tenant, every_tenant
from ..fixtures.agents import ScriptedAgent
from ..fixtures.caches import make_cache
from ..fixtures.service import DATA_KEY, KEY, make_settings, running
from ..fixtures.shipped import Shipped, shipped

SHARED_TABLES = {"cache_entries"}
"""Tables whose rows belong to nobody; the tenant is in the keys of the cache."""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shipped]:
    with shipped(tmp_path_factory.mktemp("tenants")) as service:
        yield service


def caller(service: Shipped, tenant: str) -> dict[str, str]:
    """Return what the same subject sends in a tenant."""
    return service.headers(Role.CLIENT, subject="ann", tenant=tenant)


def ask(service: Shipped, tenant: str, question: str, session: str | None = None) -> dict[str, object]:
    body = {"question": question, "session_id": session}
    response = service.client.post("/v1/answers", json=body, headers=caller(service, tenant))
    assert response.status_code == 200
    answer: dict[str, object] = response.json()
    return answer


def questions(service: Shipped, tenant: str, session: str) -> list[str]:
    """Return what the tenant gets to see of a session: nothing there and another's are the same."""
    response = service.client.get(f"/v1/sessions/{session}", headers=caller(service, tenant))
    if response.status_code == 404:
        return []
    return [turn["question"] for turn in response.json()["turns"]]


def test_the_same_subject_of_another_tenant_is_somebody_else(service: Shipped) -> None:
    ask(service, "acme", "Ours?", "s")
    ask(service, "rival", "Theirs?", "s")
    assert questions(service, "acme", "s") == ["Ours?"]
    assert questions(service, "rival", "s") == ["Theirs?"]
    assert questions(service, DEFAULT_TENANT, "s") == []
    service.client.delete("/v1/sessions/s", headers=caller(service, "rival"))
    assert questions(service, "acme", "s") == ["Ours?"]


def test_another_tenants_session_is_as_one_that_never_was(service: Shipped) -> None:
    ask(service, "acme", "Ours?", "secret-project")
    there, never = (
        service.client.get(f"/v1/sessions/{name}", headers=caller(service, "rival")) for name in ("secret-project", "x")
    )
    assert there.status_code == never.status_code
    assert there.text.replace("secret-project", "x").count("Ours") == 0
    assert set(there.json()) == set(never.json())


def test_answers_are_kept_for_the_tenant_alone(service: Shipped) -> None:
    question = "What do only we ask?"
    assert not ask(service, "acme", question)["cached"]
    assert ask(service, "acme", question)["cached"]
    assert not ask(service, "rival", question)["cached"]


async def test_no_level_of_a_cache_mixes_them() -> None:
    cache = make_cache(Answer, Metrics("test", "agent", "1.0.0"))
    answer = Answer(agent_id="a-v1", agent_version="1.0.0", output={})
    bind_tenant("acme")
    await cache.put("key", answer)
    bind_tenant("rival")
    assert await cache.get("key") is None
    await cache.invalidate("key")
    bind_tenant("acme")
    assert await cache.get("key") == answer


def test_every_record_and_entry_names_the_tenant(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    with running(settings.model_copy(update={"debug": False}), ScriptedAgent()) as service:
        headers = service.headers(Role.CLIENT, tenant="acme")
        service.client.post("/v1/answers", json={"question": "Why?"}, headers=headers)
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [record["tenant"] for record in records if record["event"] == "request"] == ["acme"]
    entries = [json.loads(line) for line in (settings.state_dir / "audit.jsonl").read_text().splitlines()]
    assert [entry["tenant"] for entry in entries] == ["acme"]


def test_what_is_known_of_a_person_is_that_of_the_tenant(
    service: Shipped, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for tenant in ("north", "south"):
        ask(service, tenant, f"Who is in the {tenant}?", "s")
    for name, value in {
        "ENVIRONMENT": "load",
        "STATE_DIR": str(service.state_dir),
        "JWT_SECRET": KEY,
        "ENCRYPTION_KEYS": DATA_KEY,
        "STORE__URL": f"sqlite:///{service.state_dir.absolute()}/store.db",
    }.items():
        monkeypatch.setenv(f"{ENV_PREFIX}{name}", value)
    assert main(["personal-data", "erase", "ann", "--tenant", "north"]) == 0
    capsys.readouterr()
    told = {}
    for tenant in ("north", "south"):
        assert main(["personal-data", "export", "ann", "--tenant", tenant]) == 0
        told[tenant] = capsys.readouterr().out
    assert told["north"] == ""
    assert "Who is in the south?" in told["south"]
    assert "north" not in told["south"]


async def test_one_write_may_hold_rows_of_several_and_each_sees_its_own(service: Shipped) -> None:
    sessions = service.container.sessions
    for tenant in ("east", "west"):
        bind_tenant(tenant)
        turn = SessionTurn(subject="bo", session_id="s", question=tenant, answer="{}", correlation_id="c")
        await sessions.add(turn)
    assert [turn.question for turn in await sessions.turns("bo", "s")] == ["west"]
    with every_tenant():
        assert {turn.question for turn in await sessions.turns("bo", "s")} == {"east", "west"}
    assert current_tenant() == "west"


def test_every_table_belongs_to_tenants_or_is_said_to_be_shared() -> None:
    tables = all_tables().tables
    owned = {str(rows.local_table) for rows in Table.registry.mappers if issubclass(rows.class_, OfTenant)}
    parts = {name for name, table in tables.items() if {str(key.column.table) for key in table.foreign_keys} & owned}
    assert set(tables) - owned - parts <= SHARED_TABLES  # parts are found by way of what they belong to
    kinds = [tables[name].c.tenant.type for name in owned]
    assert [kind for kind in kinds if not isinstance(kind, String) or kind.length != 64] == []


@pytest.mark.parametrize("tenant", ["", "a b", "a:b", "a/b", "-a", "a.", "a\n", "ü", "x" * 65, 7, ["acme"], None])
def test_a_tenant_that_is_none_is_refused(service: Shipped, tenant: object) -> None:
    tokens = service.container.tokens
    with pytest.raises(AuthenticationError):
        tokens.authenticate(tokens.issue("ann", [Role.CLIENT], tenant=tenant))  # type: ignore[arg-type]  # on purpose


def test_a_token_that_names_none_belongs_to_the_default_one(service: Shipped) -> None:
    tokens = service.container.tokens
    assert tokens.authenticate(tokens.issue("ann", [])) == Identity("ann", tenant=DEFAULT_TENANT)


def quotas(metrics: Metrics, **tiers: int) -> RequestQuotas:
    settings = TenantSettings.model_validate(
        {
            "tiers": {name: QUOTA | {"requests_per_minute": number} for name, number in tiers.items()},
            "default_tier": "small",
            "assigned": {"acme": "large"},
        }
    )
    return RequestQuotas(settings, Counters(metrics), metrics)


QUOTA = make_settings(Path("state")).tenants.tiers["standard"].model_dump()


async def test_all_clients_of_a_tenant_share_its_quota_and_no_other_does() -> None:
    metrics = Metrics("test", "agent", "1.0.0")
    held = quotas(metrics, small=2, large=4)
    for _ in range(4):
        await held.check_quota("acme")
    for tenant in ("rival", "rival", "third", "third"):
        await held.check_quota(tenant)
    for tenant in ("acme", "rival", "third"):
        with pytest.raises(QuotaExceededError) as caught:
            await held.check_quota(tenant)
        assert 1 <= caught.value.retry_after <= 120
    counted = {
        (sample.labels["tier"], sample.value)
        for family in metrics.quota_refusals.collect()
        for sample in family.samples
    }
    assert counted == {("large", 1.0), ("small", 2.0)}


@pytest.mark.parametrize(
    "wrong", [{"default_tier": "gold"}, {"assigned": {"acme": "gold"}}, {"assigned": {"a b": "standard"}}]
)
def test_a_tier_that_there_is_not_is_named(tmp_path: Path, wrong: dict[str, object]) -> None:
    given = {"tiers": {"standard": QUOTA}, "default_tier": "standard"} | wrong
    with pytest.raises(ConfigurationError, match="TENANTS"):
        make_settings(tmp_path, tenants=given)
