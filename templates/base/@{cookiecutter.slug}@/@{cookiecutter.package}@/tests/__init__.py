"""The tests.

Coverage watches our own modules only, but what runs while it watches takes twice as long: the largest packages of
others are loaded here, before it looks again.
"""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module


@contextmanager
def unwatched() -> Iterator[None]:
    """Keep coverage from looking."""
    here, in_threads = sys.gettrace(), threading.gettrace()
    sys.settrace(None)
    threading.settrace(None)
    try:
        yield
    finally:
        threading.settrace(in_threads)
        sys.settrace(here)


def load_unwatched(*names: str) -> None:
    """Import modules of others without coverage; where it is off they may come when they are needed."""
    if sys.gettrace() is None:
        return
    with unwatched():
        for name in names:
            import_module(name)


load_unwatched(
    "alembic.command",
    "cryptography.fernet",
    "fastapi.testclient",
    "httpx2",
    "hypothesis.stateful",
    "limits.aio.strategies",
    "opentelemetry.sdk.trace",
    "prometheus_client",
    "psycopg",
    "pydantic_settings",
    "redis.asyncio",
    "sqlalchemy.ext.asyncio",
    "uvicorn",
)
