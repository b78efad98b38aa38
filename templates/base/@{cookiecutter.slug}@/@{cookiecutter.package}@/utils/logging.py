"""Structured logs: readable on a terminal while developing, JSON everywhere else."""

import logging
import sys
from collections.abc import Callable
from functools import lru_cache
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from .. import SERVICE, __version__
from .tracing import add_trace_id

SECRET_WORDS = ("authorization", "secret", "password", "token", "api_key", "cookie")
REDACTED = "[redacted]"
SERVER_LOGGERS = ("uvicorn", "uvicorn.error", "uvicorn.access")
TRACEBACKS = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
"""Where it happened, without what variables held: that may be a secret, or what somebody wrote."""


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Hide the values of keys that sound secret; numbers are none, such as how many tokens a model took."""
    for key, value in event.items():
        if _sounds_secret(key) and not isinstance(value, int | float):
            event[key] = REDACTED
    return event


@lru_cache(maxsize=1_000)
def _sounds_secret(key: str) -> bool:
    return any(word in key.lower() for word in SECRET_WORDS)


def add_service(environment: str) -> Processor:
    """Return a processor that says which service wrote a record."""

    def add(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        event.update(service=SERVICE, version=__version__, environment=environment)
        return event

    return add


def configure_logging(level: str, environment: str, *, readable: bool, stream: TextIO | None = None) -> None:
    """Send every record, the server's included, through the same processors to standard output, or another stream."""
    target = sys.stdout if stream is None else stream
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        add_trace_id,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        add_service(environment),
        redact,
    ]
    final = _readable() if readable else _json()
    structlog.configure(
        processors=[*shared, *final],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.WriteLoggerFactory(target),
    )
    _adopt_standard_logging(logging.StreamHandler(target), level, shared, final)


def _readable() -> list[Processor]:
    return [structlog.dev.ConsoleRenderer()]


def _json() -> list[Processor]:
    return [structlog.processors.ExceptionRenderer(TRACEBACKS), structlog.processors.JSONRenderer()]


def _adopt_standard_logging(
    handler: logging.Handler, level: str, shared: list[Processor], final: list[Processor]
) -> None:
    remove: Callable[..., EventDict] = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=[remove, *final]))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(max(logging.getLevelNamesMapping()[level], logging.INFO))  # what libraries say at DEBUG holds data
    logging.getLogger("alembic").setLevel(logging.WARNING)  # services/schema.py says which steps were taken
    for name in SERVER_LOGGERS:
        server = logging.getLogger(name)
        server.handlers = []
        server.propagate = name != "uvicorn.access"  # the middleware records each request already
