"""The tests.

Coverage watches our own modules only, but what runs while it watches takes twice as long: the largest packages of
others are loaded here, before it looks again.
"""

import sys
from importlib import import_module


def load_unwatched(*names: str) -> None:
    """Import modules of others without coverage; where it is off they may come when they are needed."""
    tracer = sys.gettrace()
    if tracer is None:
        return
    sys.settrace(None)
    try:
        for name in names:
            import_module(name)
    finally:
        sys.settrace(tracer)


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
@% include 'kind/packages.txt' ignore missing %@)
