"""The Redis server that replicas share is away or mistreats its clients: limits and answers go on without it."""

import time

import pytest

from ...config.cache import CacheSettings
from ...config.settings import Settings
from ...models.identity import Role
from ..fixtures.agents import ScriptedAgent
from ..fixtures.faulty import FAULTS, faulty
from ..fixtures.service import limited, running

QUESTION = {"question": "What is an agent?"}
WITHIN = 15.0  # seconds for all requests together; a guard against hanging, not a measure


def shared(settings: Settings, url: str) -> Settings:
    """Return settings that count requests and keep answers on that server."""
    cache = CacheSettings.model_validate({"levels": ["memory", "redis"], "limits": "redis", "url": url})
    return limited(settings.model_copy(update={"cache": cache}), rate_limit=4, cache_enabled=True)


def assert_it_goes_on(settings: Settings, url: str) -> None:
    started = time.monotonic()
    with running(shared(settings, url), ScriptedAgent()) as service:
        headers = service.headers(Role.CLIENT)
        statuses = [service.client.post("/v1/answers", json=QUESTION, headers=headers).status_code for _ in range(6)]
        assert service.client.get("/health/ready").status_code == 200
    # each replica counts for itself: the limiter never opens; a minute that ends meanwhile lets one more through
    assert statuses[:4] == [200] * 4
    assert 429 in statuses[4:]
    assert time.monotonic() - started < WITHIN


def test_nobody_answers_at_its_address(settings: Settings) -> None:
    assert_it_goes_on(settings, "redis://127.0.0.1:1")


@pytest.mark.parametrize("fault", ["reset", "silence", "garbage"])
def test_it_mistreats_its_clients(settings: Settings, fault: str) -> None:
    with faulty(FAULTS[fault]) as server:
        assert_it_goes_on(settings, server.address.replace("http://", "redis://"))
