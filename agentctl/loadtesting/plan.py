"""What a run will send, how fast and for how long, and what it must keep: options over settings over defaults."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from agentctl.errors import NoAnswerError, UsageError
from agentctl.loadtesting import gates, units
from agentctl.loadtesting.gates import Gate
from agentctl.loadtesting.rendering import Request
from agentctl.loadtesting.schedule import ConstantRate
from agentctl.loadtesting.settings import Settings

RATE, DURATION, TIMEOUT = 5.0, 20.0, 30.0
MIN_SAMPLES = 50
MAX_REQUESTS = 10_000_000
MAX_WEIGHT = 1000
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_TARGET = re.compile(r"/[\x21-\x7e]*")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_HEALTH = re.compile(
    r"(^|/)(health|healthz|healthcheck|ready|readyz|readiness|live|livez|liveness|ping|status|metrics|version)(/|$)"
)


@dataclass(frozen=True, kw_only=True)
class Options:
    """What the command line asked for; None where the settings or the defaults decide."""

    host: str | None = None
    serve: bool = False
    path: str | None = None
    method: str | None = None
    body: str | None = None
    headers: Sequence[str] = ()
    rate: str | None = None
    duration: str | None = None
    timeout: float | None = None
    gates: Sequence[str] = ()
    max_requests: int | None = None
    allow_remote: bool = False


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where the requests go.

    Attributes:
        scheme: ``http`` or ``https``.
        host: A name or an address, an IPv6 one without brackets.
        port: The TCP port.
        prefix: A path before every request's path, without its last slash.
    """

    scheme: str = "http"
    host: str
    port: int
    prefix: str = ""

    @property
    def authority(self) -> str:
        """Host and port, as the Host header has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}{self.prefix}"


_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A checked plan.

    Attributes:
        requests: At least one kind of request.
        schedule: When each is due.
        timeout: Seconds that one request may take from when it is sent.
        gates: The limits.
        cut: ``max_requests`` made the run shorter than its duration.
    """

    requests: tuple[Request, ...]
    schedule: ConstantRate
    timeout: float = TIMEOUT
    gates: tuple[Gate, ...] = field(default_factory=lambda: gates.chosen(()))
    cut: bool = False

    @property
    def max_in_flight(self) -> int:
        """Requests under way at once: rate x timeout, so that only a target that answers nothing can fill it."""
        return max(2, math.ceil(self.schedule.rate * self.timeout))

    @property
    def needs_tokens(self) -> bool:
        """Whether some request carries an identity's token."""
        return any(request.needs_token for request in self.requests)

    @property
    def health_only(self) -> bool:
        """Whether every request goes to a health route, which proves nothing about the agent."""
        return all(_HEALTH.search(request.path.partition("?")[0].lower()) for request in self.requests)


def planned(options: Options, settings: Settings) -> Plan:
    """Combine options, settings and defaults.

    Raises:
        UsageError: Something is missing or malformed.
        NoAnswerError: The plan is too short to prove anything.
    """
    rate = units.rate(*_first((options.rate, "--rate"), (settings.rate, f"{settings.source} rate"), (RATE, "")))
    seconds = units.duration(
        *_first((options.duration, "--duration"), (settings.duration, f"{settings.source} duration"), (DURATION, ""))
    )
    total = max(1, round(rate * seconds))
    if total > MAX_REQUESTS:
        raise UsageError(f"{total:,} requests are too many for one run", hint="lower --rate or --duration")
    limit = options.max_requests
    plan = Plan(
        requests=_requests(options, settings),
        schedule=ConstantRate(rate, total if limit is None else min(total, limit)),
        timeout=_timeout(options.timeout),
        gates=gates.chosen(options.gates or settings.gates),
        cut=limit is not None and limit < total,
    )
    _enough(plan)
    return plan


def target(options: Options) -> Target:
    """Read ``--host``, and refuse to flood what is not this machine by accident.

    Raises:
        UsageError: It is no URL, or remote without ``--allow-remote`` and ``--max-requests``.
    """
    text = options.host or ""
    if "://" not in text:
        text = f"http://{text}"
    try:
        url = urlsplit(text)
        host, port = url.hostname, url.port
    except ValueError as error:
        raise UsageError(f"--host {options.host}: no URL: {error}", hint=_HOST_HINT) from error
    if url.username is not None:
        raise UsageError("--host: credentials do not belong into the URL", hint="pass --header 'Authorization: …'")
    if url.scheme not in _DEFAULT_PORTS or not host or url.query or url.fragment or not _VALUE.fullmatch(url.path):
        raise UsageError(f"--host {options.host}: no http or https URL", hint=_HOST_HINT)
    if not is_loopback(host) and not (options.allow_remote and options.max_requests):
        raise UsageError(
            f"--host {host}: not this machine",
            hint="to load a remote host on purpose give --allow-remote and --max-requests N",
        )
    return Target(scheme=url.scheme, host=host, port=port or _DEFAULT_PORTS[url.scheme], prefix=url.path.rstrip("/"))


_HOST_HINT = "for example --host http://127.0.0.1:8000"


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine itself, going by its address or the name localhost."""
    import ipaddress

    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost" or host.lower().endswith(".localhost")


def _first(*candidates: tuple[str | float | None, str]) -> tuple[str | float, str]:
    return next((value, name) for value, name in candidates if value is not None)


def _timeout(seconds: float | None) -> float:
    if seconds is None:
        return TIMEOUT
    if not 0 < seconds <= 3600:  # noqa: PLR2004 - an hour
        raise UsageError(f"--timeout {seconds:g}: out of range", hint="seconds, more than 0 and at most 3600")
    return seconds


def _enough(plan: Plan) -> None:
    """Refuse at once what would be invalid after the run."""
    schedule = plan.schedule
    needed = max(MIN_SAMPLES, *(gate.samples for gate in plan.gates))
    if schedule.total >= needed:
        return
    why = next((f" for gate {gate.text}" for gate in plan.gates if gate.samples == needed > MIN_SAMPLES), "")
    raise NoAnswerError(
        f"{schedule.total} requests are too few to judge; at least {needed} are needed{why}",
        hint="raise --max-requests" if plan.cut else f"--duration {math.ceil(needed / schedule.rate)}s is enough",
    )


def _requests(options: Options, settings: Settings) -> tuple[Request, ...]:
    if options.path is not None or (settings.path and not settings.requests):
        found: tuple[Request, ...] = (_single(options, settings),)
    elif options.method or options.body is not None:
        raise UsageError("--method and --body belong to --path", hint="give --path too")
    elif settings.requests:
        found = tuple(_of_table(table, f"{settings.source} requests[{n}]") for n, table in enumerate(settings.requests))
    else:
        raise UsageError(
            "which route should be driven? no path was given",
            hint=f"give --path /chat, or add path or requests to {settings.source}",
        )
    extra = _headers(options.headers)
    checked = tuple(replace(request, headers=_merged(request.headers, extra)) for request in found)
    for request in checked:
        _check(request)
    return checked


def _single(options: Options, settings: Settings) -> Request:
    body = options.body
    if body is not None:
        try:
            json.loads(body)
        except ValueError as error:
            raise UsageError(
                f"--body: no JSON: {error}", hint="""for example --body '{"question": "ok?"}'"""
            ) from error
    return Request(
        method=(options.method or ("GET" if body is None else "POST")).upper(),
        path=options.path if options.path is not None else settings.path or "",
        headers={} if body is None else {"Content-Type": "application/json"},
        body=body,
    )


def _of_table(table: Mapping[str, Any], place: str) -> Request:
    unknown = set(table) - {"method", "path", "headers", "body", "weight"}
    if unknown:
        raise UsageError(f"{place}: unknown key {min(unknown)!r}", hint="known: method, path, headers, body, weight")
    path, weight, headers = table.get("path"), table.get("weight", 1), table.get("headers", {})
    if not isinstance(path, str):
        raise UsageError(f"{place}: path is missing", hint='for example path = "/chat"')
    if isinstance(weight, bool) or not isinstance(weight, int) or not 0 < weight <= MAX_WEIGHT:
        raise UsageError(f"{place} weight: must be a whole number from 1 to {MAX_WEIGHT}")
    if not isinstance(headers, Mapping) or not all(isinstance(value, str) for value in headers.values()):
        raise UsageError(f"{place} headers: must be a table of names and texts")
    body = table.get("body")
    kind = {} if body is None or isinstance(body, str) else {"Content-Type": "application/json"}
    return Request(
        method=str(table.get("method", "GET" if body is None else "POST")).upper(),
        path=path,
        headers=_merged(kind, headers),
        body=_body(body, place),
        weight=weight,
    )


def _body(value: Any, place: str) -> str | None:
    if value is None or isinstance(value, str):
        return value
    try:
        return json.dumps(value, ensure_ascii=False)
    except TypeError as error:
        raise UsageError(f"{place} body: cannot be written as JSON: {error}") from error


def _headers(lines: Sequence[str]) -> dict[str, str]:
    pairs = [line.partition(":") for line in lines]
    for name, colon, _ in pairs:
        if not colon:  # the value is not repeated: it may be a secret
            raise UsageError(f"--header {name.split()[0] if name.split() else ''!r}…: not NAME: VALUE")
    return {name.strip(): value.strip() for name, _, value in pairs}


def _merged(base: Mapping[str, str], over: Mapping[str, str]) -> dict[str, str]:
    replaced = {name.lower() for name in over}
    return {**{name: value for name, value in base.items() if name.lower() not in replaced}, **over}


def _check(request: Request) -> None:
    if not _TOKEN.fullmatch(request.method):
        raise UsageError(f"method {request.method!r}: not an HTTP method")
    if not _TARGET.fullmatch(request.path):
        raise UsageError(
            f"path {request.path!r}: must begin with / and hold printable ASCII only",
            hint="percent-encode anything else, for example /search?q=caf%C3%A9",
        )
    for name, value in request.headers.items():
        if not _TOKEN.fullmatch(name) or not _VALUE.fullmatch(value):
            raise UsageError(f"header {name!r}: not a header that HTTP can send")
        if name.lower() in {"content-length", "transfer-encoding", "connection"}:
            raise UsageError(f"header {name!r}: agentctl sets this one itself", hint="leave it out")
