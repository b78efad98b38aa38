"""The Redis server that replicas share: one pool of connections; left alone for a while when it fails."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

from redis.asyncio import BlockingConnectionPool, ConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.credentials import CredentialProvider
from redis.exceptions import RedisError

from .. import ENV_PREFIX
from ..config.cache import CacheSettings
from ..config.secrets import Secret, given_secret
from ..exceptions import ConfigurationError, DependencyUnavailableError
from .resilience import Policy, Resilience

Result = TypeVar("Result")

FAILURES_THAT_OPEN = 3
LEFT_ALONE_SECONDS = 5.0
HEALTH_CHECK_SECONDS = 30


class RedisServer:
    """Calls with a time limit and a circuit breaker, so that a server that is gone costs next to nothing.

    Args:
        settings: Where it is.

    Raises:
        ConfigurationError: The URL is missing, or is none.
    """

    def __init__(self, settings: CacheSettings) -> None:
        self.pool = connection_pool(settings)
        self.client: Redis = Redis(connection_pool=self.pool)
        self._guard = Resilience(
            "the cache server",
            Policy(timeout=settings.timeout, retries=0, threshold=FAILURES_THAT_OPEN, cooldown=LEFT_ALONE_SECONDS),
        )

    async def call(self, operation: Callable[[Redis], Awaitable[Result]]) -> Result:
        """Return the operation's result.

        Raises:
            CommunicationError: The server failed, was too slow, or is being left alone.
        """

        async def attempt() -> Result:
            try:
                return await operation(self.client)
            except (RedisError, OSError) as error:
                message = "the cache server failed"
                raise DependencyUnavailableError(message) from error

        return await self._guard.call(attempt)

    async def close(self) -> None:
        """Close every connection."""
        await self.client.aclose()
        await self.pool.aclose()


class _Credentials(CredentialProvider):
    """The user and password as they are now, so that they can be changed without a restart."""

    def __init__(self, url: Secret) -> None:
        self._url = url

    def get_credentials(self) -> tuple[str] | tuple[str, str]:
        parts = urlsplit(self._url.value())
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        return (user, password) if user else (password,)


def connection_pool(settings: CacheSettings, name: str = "CACHE__URL", **more: Any) -> ConnectionPool:  # noqa: ANN401  # redis-py's options
    """Return connections to the server of the settings, none of them open yet.

    Args:
        settings: Where it is.
        name: Of the variable that gives its URL, for messages.
        more: Options of redis-py that win over those of the settings.

    Raises:
        ConfigurationError: The URL is missing, or is none.
    """
    secret = given_secret(name, settings.url, settings.url_file)
    if secret is None:
        message = f"set {ENV_PREFIX}{name}_FILE or {ENV_PREFIX}{name}: this environment shares cache or limits"
        raise ConfigurationError(message)
    parts = urlsplit(secret.value())
    if parts.scheme not in {"redis", "rediss"} or not parts.hostname:
        message = "the cache's URL must begin with redis:// or rediss://"
        raise ConfigurationError(message)
    options: dict[str, Any] = {
        "max_connections": settings.connections,
        "timeout": settings.timeout,
        "socket_connect_timeout": settings.timeout,
        "health_check_interval": HEALTH_CHECK_SECONDS,
        "retry": Retry(NoBackoff(), 1),
    }
    if parts.password:
        options["credential_provider"] = _Credentials(secret)
    if parts.scheme == "rediss" and settings.tls_ca is not None:
        options["ssl_ca_certs"] = str(settings.tls_ca)
    host = parts.hostname if ":" not in parts.hostname else f"[{parts.hostname}]"
    where = f"{parts.scheme}://{host}:{parts.port or 6379}{parts.path}"
    return BlockingConnectionPool.from_url(where, **{**options, **more})
