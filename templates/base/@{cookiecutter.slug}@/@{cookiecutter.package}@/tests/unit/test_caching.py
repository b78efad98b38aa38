import asyncio
from pathlib import Path

import pytest
from cachetools import TTLCache
from pydantic import BaseModel

from ...config.cache import CacheSettings
from ...config.secrets import FixedSecret
from ...exceptions import CircuitOpenError, ConfigurationError, DependencyUnavailableError
from ...interfaces.cache import CacheLevel
from ...services.caching import Cache, Levels
from ...services.redis_cache import RedisLevel
from ...services.redis_server import RedisServer
from ...services.store_cache import StoreLevel, delete_expired
from ...utils.encryption import Cipher, new_key
from ...utils.metrics import Metrics
from ..fixtures.caches import make_cache
from ..fixtures.store import empty_store


class Thing(BaseModel):
    text: str


class Level(CacheLevel):
    """A level that can fail, and counts what it is asked."""

    def __init__(self, name: str = "shared") -> None:
        self.name = name
        self.kept: dict[str, bytes] = {}
        self.fails = False
        self.calls: list[str] = []

    async def get(self, key: str) -> bytes | None:
        self._called("get")
        await asyncio.sleep(0)
        return self.kept.get(key)

    async def set(self, key: str, value: bytes, ttl: float) -> None:
        self._called(f"set {ttl:g}")
        self.kept[key] = value

    async def delete(self, key: str) -> None:
        self._called("delete")
        self.kept.pop(key, None)

    async def clear(self) -> None:
        self._called("clear")
        self.kept.clear()

    def _called(self, what: str) -> None:
        self.calls.append(what)
        if self.fails:
            raise DependencyUnavailableError("gone")


@pytest.fixture
def metrics() -> Metrics:
    return Metrics("test", "agent", "1.0.0")


async def made(text: str = "made") -> Thing:
    await asyncio.sleep(0)
    return Thing(text=text)


async def test_memory_forgets_what_was_not_used_longest(metrics: Metrics) -> None:
    cache = make_cache(Thing, metrics, size=2)
    for key in ("a", "b"):
        await cache.put(key, Thing(text=key))
    assert await cache.get("a") is not None
    await cache.put("c", Thing(text="c"))
    assert [await cache.get(key) is not None for key in ("a", "b", "c")] == [True, False, True]
    assert 'agent_cache_entries{cache="things"} 2.0' in metrics.exposition().decode()


async def test_memory_forgets_what_is_too_old(metrics: Metrics) -> None:
    cache = make_cache(Thing, metrics, ttl=0.01)
    await cache.put("a", Thing(text="a"))
    await asyncio.sleep(0.02)
    assert await cache.get("a") is None


async def test_what_another_level_has_fills_those_before(metrics: Metrics) -> None:
    near, far = Level("near"), Level("far")
    await make_cache(Thing, metrics, shared=(far,)).put("a", Thing(text="a"))
    cache = make_cache(Thing, metrics, shared=(near, far))
    assert await cache.get("a") == Thing(text="a")
    assert near.kept == far.kept
    assert (near.calls, far.calls) == (["get", "set 60"], ["set 60", "get"])
    assert await cache.get("a") == Thing(text="a")
    assert len(far.calls) == 2
    text = metrics.exposition().decode()
    for level, result in (("near", "miss"), ("far", "hit"), ("memory", "hit"), ("memory", "miss")):
        assert f'agent_cache_level_lookups_total{{level="{level}",result="{result}"}} 1.0' in text
    assert 'agent_cache_lookups_total{result="hit"} 2.0' in text


async def test_who_asks_at_the_same_time_looks_and_makes_once(metrics: Metrics) -> None:
    level, makes = Level(), []

    async def make() -> Thing:
        makes.append(1)
        return await made()

    cache = make_cache(Thing, metrics, shared=(level,))
    results = await asyncio.gather(*(cache.get_or_make("a", make, keep=lambda _: True) for _ in range(10)))
    assert {item.text for item, _ in results} == {"made"}
    assert (len(makes), level.calls) == (1, ["get", "set 60"])
    assert await cache.get_or_make("a", make, keep=lambda _: True) == (Thing(text="made"), True)


async def test_what_is_not_worth_it_is_not_kept(metrics: Metrics) -> None:
    cache = make_cache(Thing, metrics)
    for _ in range(2):
        assert await cache.get_or_make("a", made, keep=lambda _: False) == (Thing(text="made"), False)


async def test_a_level_that_fails_is_passed_over_and_counted(metrics: Metrics) -> None:
    broken, good = Level("broken"), Level("good")
    broken.fails = True
    await make_cache(Thing, metrics, shared=(broken, good)).put("a", Thing(text="a"))
    cache = make_cache(Thing, metrics, shared=(broken, good))
    assert await cache.get("a") == Thing(text="a")
    await cache.invalidate("a")
    await cache.clear()
    assert metrics.cache_failures.labels("broken")._value.get() == 5
    assert metrics.cache_failures.labels("good")._value.get() == 0


async def test_what_is_invalid_is_gone_everywhere(metrics: Metrics) -> None:
    level = Level()
    cache = make_cache(Thing, metrics, shared=(level,))
    for key in ("a", "b", "c"):
        await cache.put(key, Thing(text=key))
    await cache.invalidate("a")
    assert [await cache.get(key) is not None for key in ("a", "b")] == [False, True]
    await cache.clear()
    assert level.kept == {}
    assert await cache.get("c") is None


async def test_nobody_else_can_read_or_move_what_is_shared(metrics: Metrics) -> None:
    level = Level()
    await make_cache(Thing, metrics, shared=(level,)).put("a", Thing(text="a secret"))
    assert b"secret" not in level.kept["things:default:a"]
    level.kept["things:default:b"] = level.kept["things:default:a"]
    assert await make_cache(Thing, metrics, shared=(level,)).get("b") is None
    levels: Levels[Thing] = Levels(memory=TTLCache(1, 60), shared=(level,), ttl=60)
    assert await Cache("things", Thing, levels, Cipher(FixedSecret(new_key())), metrics).get("a") is None


async def test_what_does_not_fit_any_more_is_a_miss(metrics: Metrics) -> None:
    class Newer(BaseModel):
        number: int

    level = Level()
    await make_cache(Thing, metrics, shared=(level,)).put("a", Thing(text="a"))
    newer: Cache[Newer] = make_cache(Newer, metrics, shared=(level,))
    assert await newer.get("a") is None


async def test_the_store_is_a_level(tmp_path: Path) -> None:
    async with empty_store(tmp_path).opened() as store:
        one, other = StoreLevel(store, "one"), StoreLevel(store, "other")
        await one.set("one:a", b"1", ttl=60)
        await one.set("one:a", b"2", ttl=60)
        await one.set("one:old", b"3", ttl=-1)
        await other.set("other:a", b"4", ttl=60)
        assert [await one.get(key) for key in ("one:a", "one:old", "one:none")] == [b"2", None, None]
        await delete_expired(store)
        await one.clear()
        assert await one.get("one:a") is None
        await other.delete("other:none")
        assert await other.get("other:a") == b"4"
        await other.delete("other:a")
        assert await other.get("other:a") is None


async def test_a_server_that_is_gone_is_left_alone_after_a_few_calls() -> None:
    server = RedisServer(CacheSettings.model_validate({"levels": ["redis"], "url": "redis://127.0.0.1:9/0"}))
    level = RedisLevel(server, "one")
    for _ in range(3):
        with pytest.raises(DependencyUnavailableError):
            await level.get("one:a")
    with pytest.raises(CircuitOpenError):
        await level.get("one:a")
    await server.close()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({}, "CACHE__URL_FILE"),
        ({"url": "memcached://somebody:hunter2@cache"}, "redis:// or rediss://"),
        ({"url": "redis://"}, "redis:// or rediss://"),
    ],
)
def test_a_wrong_url_is_named_without_its_password(changes: dict[str, object], message: str) -> None:
    settings = CacheSettings.model_validate({"levels": ["memory", "redis"], **changes})
    with pytest.raises(ConfigurationError, match=message) as caught:
        RedisServer(settings)
    assert "hunter2" not in str(caught.value)


def test_a_level_that_is_named_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        CacheSettings.model_validate({"levels": ["memory", "memory"]})


async def test_tls_and_credentials_of_the_moment_are_used(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("rediss://agent:p%40ss@cache:6380/1")
    server = RedisServer(
        CacheSettings.model_validate({"levels": ["redis"], "url_file": tmp_path / "url", "tls_ca": tmp_path / "ca.pem"})
    )
    options = server.pool.connection_kwargs
    assert (options["host"], options["port"], options["db"]) == ("cache", 6380, 1)
    assert options["ssl_ca_certs"] == str(tmp_path / "ca.pem")
    assert options["credential_provider"].get_credentials() == ("agent", "p@ss")
    (tmp_path / "url").write_text("rediss://:changed@cache:6380/1")
    assert options["credential_provider"].get_credentials() == ("changed",)
    await server.close()
