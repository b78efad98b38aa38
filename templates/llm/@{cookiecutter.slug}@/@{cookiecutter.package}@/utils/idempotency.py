"""The key of what is being done, the same one when it is done again after a crash."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_key: ContextVar[str | None] = ContextVar("idempotency_key", default=None)


def current_idempotency_key() -> str | None:
    """Return the key of the call of a tool that is being made, if it may ever be made again.

    A tool that changes something hands it on, so that the other side can tell the second time from the first.
    """
    return _key.get()


@contextmanager
def idempotency_key(key: str) -> Iterator[None]:
    """Give what is done in the context this key."""
    token = _key.set(key)
    try:
        yield
    finally:
        _key.reset(token)
