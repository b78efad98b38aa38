from pathlib import Path

import pytest
from redis.asyncio import Connection, SSLConnection

from ...config.cache import CacheSettings
from ...config.settings import Settings
from ...exceptions import ConfigurationError, DependencyUnavailableError
from ...services.event_hub import EventHub
from ...services.memory_queue import MemoryQueue
from ...services.messaging import Messaging, build_messaging
from ...services.redis_bus import RedisEventBus
from ...services.redis_queue import RedisQueue
from ..fixtures.messaging import make_metrics
from ..fixtures.service import limited

SHARED = CacheSettings.model_validate({"levels": ["redis"], "url": "redis://shared.example:6380/1"})


def built(settings: Settings) -> Messaging:
    return build_messaging(settings, make_metrics())


def connection(messaging: Messaging) -> tuple[object, dict[str, object]]:
    assert messaging.redis is not None
    pool = messaging.redis.connection_pool
    return pool.connection_class, pool.connection_kwargs


async def test_without_a_server_all_is_in_the_process(settings: Settings) -> None:
    messaging = built(settings)
    assert isinstance(messaging.bus, EventHub)
    assert isinstance(messaging.tasks, MemoryQueue)
    assert messaging.redis is None
    assert await messaging.up()
    await messaging.close()


async def test_the_server_of_the_caches_carries_messages_too(settings: Settings) -> None:
    messaging = built(settings.model_copy(update={"cache": SHARED}))
    assert isinstance(messaging.bus, RedisEventBus)
    assert isinstance(messaging.submissions, RedisQueue)
    kind, options = connection(messaging)
    assert kind is Connection
    assert (options["host"], options["port"], options["db"]) == ("shared.example", 6380, 1)


async def test_messages_may_have_a_server_of_their_own_by_a_secret_file(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "url"
    file.write_text("rediss://me:first@own.example")
    own = limited(settings.model_copy(update={"cache": SHARED}), messaging_url_file=file)
    messaging = built(own)
    kind, options = connection(messaging)
    assert kind is SSLConnection
    assert options["host"] == "own.example"
    file.write_text("rediss://me:second@own.example")
    assert options["credential_provider"].get_credentials() == ("me", "second")  # type: ignore[attr-defined]


async def test_a_server_that_is_away_is_no_reason_not_to_close(settings: Settings) -> None:
    away = limited(settings, messaging_url=CacheSettings.model_validate({"url": "redis://127.0.0.1:1"}).url)
    messaging = built(away)
    assert messaging.redis is not None

    async def gone(*_: object, **__: object) -> None:
        raise DependencyUnavailableError("away")

    for part in (messaging.tasks, messaging.submissions, messaging.bus):
        part.check = part.close = gone  # type: ignore[method-assign]
    assert not await messaging.up()
    await messaging.close()


def test_a_url_that_is_none_is_refused_and_not_shown(settings: Settings) -> None:
    url = CacheSettings.model_validate({"url": "http://me:secret@example"}).url
    with pytest.raises(ConfigurationError) as caught:
        built(limited(settings, messaging_url=url))
    assert "secret" not in str(caught.value)
