"""Distributed tracing: spans go to a collector, and their ids into the logs."""

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry import trace
from structlog.typing import EventDict, WrappedLogger

from .. import SERVICE, __version__

EXPORT_TIMEOUT_SECONDS = 2.0


@contextmanager
def tracing(endpoint: str | None, environment: str) -> Iterator[None]:
    """Send the spans of this process to a collector while the context lasts; send what is left at its end.

    FastAPI makes a span for each request and for its parts, and takes the caller's ``traceparent`` on.

    Args:
        endpoint: The collector's address for OTLP over HTTP; without one nothing is loaded and no span is made.
        environment: What the spans say about where they come from.
    """
    if endpoint is None:
        yield
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    resource = {"service.name": SERVICE, "service.version": __version__, "deployment.environment.name": environment}
    provider = TracerProvider(resource=Resource.create(resource))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint, timeout=EXPORT_TIMEOUT_SECONDS)))
    trace.set_tracer_provider(provider)
    try:
        yield
    finally:
        provider.shutdown()


def add_trace_id(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Put the id of the current trace into a record."""
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        event["trace_id"] = trace.format_trace_id(context.trace_id)
    return event
