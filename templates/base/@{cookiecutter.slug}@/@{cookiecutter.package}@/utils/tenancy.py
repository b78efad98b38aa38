"""For whom the work that runs is done: the tenant, which the store, the caches and every record follow.

It goes with the work, into every task that this starts; nothing has to hand it on. Outside of a request it is the
default tenant, so that what forgets to say sees nothing of the others.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import structlog
from opentelemetry import trace

DEFAULT_TENANT = "default"
"""Whose token names none; a service with one tenant knows no other."""

_tenant: ContextVar[str] = ContextVar("tenant", default=DEFAULT_TENANT)
_everybody: ContextVar[bool] = ContextVar("everybody", default=False)


def bind_tenant(tenant: str) -> None:
    """Work for this tenant alone from here on, and say so in every record and in the current span."""
    _tenant.set(tenant)
    _everybody.set(False)
    structlog.contextvars.bind_contextvars(tenant=tenant)
    trace.get_current_span().set_attribute("tenant", tenant)


def current_tenant() -> str:
    """Return the tenant that the work is done for."""
    return _tenant.get()


def for_every_tenant() -> bool:
    """Return whether the rows of all tenants are worked on."""
    return _everybody.get()


@contextmanager
def every_tenant() -> Iterator[None]:
    """See the rows of all tenants: for retention, rotation of keys and what else the service does by itself."""
    before = _everybody.set(True)
    try:
        yield
    finally:
        _everybody.reset(before)
