"""What happens around every request, outermost first: record and answer errors, admit, bound the body."""

import time
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..exceptions import AgentError, HeadersTooLargeError, PayloadTooLargeError, PermissionDeniedError
from ..services.lifecycle import Lifecycle
from ..utils.correlation import HEADER, correlation_id
from ..utils.metrics import Metrics
from .errors import error_response

logger = structlog.get_logger(__name__)

ALWAYS_ADMITTED = ("/health/", "/metrics")
"""What an orchestrator must reach while the service drains or is full."""

MAX_HEADER_BYTES = 16_384
"""All headers together; the server itself would take any number of them."""

ABORTED = "aborted"
"""The status of a request whose client went away before the answer began."""


class RequestMiddleware:
    """Gives each request its correlation id, records how it ended, and turns errors into answers."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = correlation_id(Headers(scope=scope).get(HEADER))
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(correlation_id=request_id)
        exchange = _Exchange(send, request_id)
        with self._metrics.active.track_inprogress():
            try:
                await self._app(scope, receive, exchange.send)
            except Exception as error:
                self._record_error(error)
                if exchange.status is not None:
                    raise  # the answer has begun: the server can only cut the connection
                await error_response(error)(scope, receive, exchange.send)
            finally:
                self._record_end(scope, exchange)

    def _record_error(self, error: Exception) -> None:
        self._metrics.errors.labels(type(error).__name__).inc()
        if isinstance(error, AgentError):
            logger.warning("request_failed", error_type=type(error).__name__, detail=str(error))
        else:
            logger.error("request_crashed", exc_info=error)

    def _record_end(self, scope: Scope, exchange: "_Exchange") -> None:
        route = getattr(scope.get("route"), "path", "unmatched")
        method = scope["method"]
        self._metrics.requests.labels(method, route, exchange.status or ABORTED).inc()
        self._metrics.duration.labels(method, route).observe(exchange.seconds)
        logger.info(
            "request", method=method, route=route, status=exchange.status, duration_ms=round(exchange.seconds * 1000, 2)
        )


class _Exchange:
    """One answer on its way out."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send = send
        self._request_id = request_id
        self._started = time.perf_counter()
        self.status: int | None = None

    @property
    def seconds(self) -> float:
        """How long the request has taken."""
        return time.perf_counter() - self._started

    async def send(self, message: Message) -> None:
        """Send a message, with the headers that every answer has."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers[HEADER] = self._request_id
            headers["x-content-type-options"] = "nosniff"
            headers["cache-control"] = "no-store"
        await self._send(message)


class AddressMiddleware:
    """Lets only clients of some networks reach the agent; health and metrics are the network policy's matter.

    Args:
        app: What it lets them reach.
        networks: Where they may call from.
    """

    def __init__(self, app: ASGIApp, networks: Sequence[IPv4Network | IPv6Network]) -> None:
        self._app = app
        self._networks = networks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request of a known address, or raise that it is none."""
        if self._admits(scope):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})  # before it is accepted: 403
        else:
            message = "Calls from this address are not allowed."
            raise PermissionDeniedError(message)

    def _admits(self, scope: Scope) -> bool:
        if scope["type"] not in {"http", "websocket"} or scope["path"].startswith(ALWAYS_ADMITTED):
            return True
        client = scope.get("client")
        return client is not None and self._known(client[0])

    def _known(self, host: str) -> bool:
        try:
            address = ip_address(host)
        except ValueError:
            return False  # a name, or a socket's path
        mapped = getattr(address, "ipv4_mapped", None) or address
        return any(mapped in network for network in self._networks)


class AdmissionMiddleware:
    """Turns work away while the service drains or is full."""

    def __init__(self, app: ASGIApp, lifecycle: Lifecycle) -> None:
        self._app = app
        self._lifecycle = lifecycle

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request, or raise what keeps it from being worked on."""
        if scope["type"] != "http" or scope["path"].startswith(ALWAYS_ADMITTED):
            await self._app(scope, receive, send)
            return
        with self._lifecycle.work():
            await self._app(scope, receive, send)


class BodyLimitMiddleware:
    """Refuses headers and bodies over their limits, whatever the headers claim.

    FastAPI's own ``max_body_size`` would answer outside of everything here: no correlation id, record or problem.
    """

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request with a bounded body."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if sum(len(name) + len(value) for name, value in scope["headers"]) > MAX_HEADER_BYTES:
            message = f"The headers are larger than {MAX_HEADER_BYTES} bytes."
            raise HeadersTooLargeError(message)
        declared = Headers(scope=scope).get("content-length", "")
        if declared.isdecimal() and int(declared) > self._limit:
            raise self._error()
        await self._app(scope, self._counted(receive), send)

    def _counted(self, receive: Receive) -> Callable[[], Awaitable[Message]]:
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self._limit:
                raise self._error()
            return message

        return counted

    def _error(self) -> PayloadTooLargeError:
        return PayloadTooLargeError(f"The body is larger than {self._limit} bytes.")
