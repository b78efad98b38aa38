"""What Redis' errors mean here."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from redis.exceptions import RedisError

from ..exceptions import DependencyUnavailableError

SOON_SECONDS = 2.0
"""Whoever has a request to answer does not wait longer for a Redis that says nothing; workers, who listen, do."""


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


@asynccontextmanager
async def reaching_soon(what: str) -> AsyncIterator[None]:
    """The same, and no answer for a while is a failure, too.

    Raises:
        DependencyUnavailableError: Redis could not do it in time.
    """
    with reaching(what):
        async with asyncio.timeout(SOON_SECONDS):
            yield
