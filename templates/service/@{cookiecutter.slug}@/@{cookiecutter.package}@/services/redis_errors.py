"""What Redis' errors mean here."""

from collections.abc import Iterator
from contextlib import contextmanager

from redis.exceptions import RedisError

from ..exceptions import DependencyUnavailableError


@contextmanager
def reaching(what: str) -> Iterator[None]:
    """Turn any failure of Redis into one of ours.

    Raises:
        DependencyUnavailableError: Redis could not do it.
    """
    try:
        yield
    except (RedisError, OSError) as error:
        message = f"{what} cannot be reached"
        raise DependencyUnavailableError(message) from error
