"""Correlation ids: one for each request, in every record and in the answer."""

import re
import uuid

import structlog

HEADER = "x-correlation-id"
_ACCEPTED = re.compile(r"[A-Za-z0-9._-]{1,64}")


def correlation_id(given: str | None) -> str:
    """Return the caller's id when it is one, else a new one.

    Anything but a short plain word is replaced: it would end up in logs and headers.
    """
    if given is not None and _ACCEPTED.fullmatch(given):
        return given
    return uuid.uuid4().hex


def current_correlation_id() -> str:
    """Return the id of the request that is being worked on, or an empty string outside of one."""
    return str(structlog.contextvars.get_contextvars().get("correlation_id", ""))
