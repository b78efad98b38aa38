"""Turn the plan's requests into bytes for the wire, with ``{n}`` and ``{token}`` filled in."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

NUMBER, TOKEN = "{n}", "{token}"


@dataclass(frozen=True, kw_only=True)
class Request:
    """One kind of request of the plan.

    Attributes:
        method: In capitals.
        path: The request target from its first slash, query included; placeholders allowed.
        headers: Placeholders allowed in the values.
        body: The text to send, or None; placeholders allowed inside JSON strings.
        weight: How often it comes, relative to the others.
    """

    method: str = "GET"
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None
    weight: int = 1

    @property
    def name(self) -> str:
        """What a report calls it."""
        return f"{self.method} {self.path}"

    @property
    def needs_token(self) -> bool:
        """Whether an identity's token goes into it."""
        return any(TOKEN in text for text in (self.path, self.body or "", *self.headers.values()))


def renderer(request: Request, host: str, prefix: str = "") -> Callable[[int, str], bytes]:
    """Return a function of the request's number and token that gives the whole HTTP/1.1 request.

    Args:
        request: A checked request: its parts hold no line ends.
        host: The value of the Host header.
        prefix: What comes before every path.
    """
    head, body = _head(request, host, prefix), request.body
    if not any(mark in text for mark in (NUMBER, TOKEN) for text in (head, body or "")):
        constant = _whole(head, body)
        return lambda _number, _token: constant
    start, _, fields = head.partition("\r\n")

    def render(number: int, token: str) -> bytes:
        filled = None if body is None else _fill(body, number, json.dumps(token)[1:-1])
        line = _fill(start, number, quote(token, safe=""))
        return _whole(f"{line}\r\n{_fill(fields, number, token)}", filled)

    return render


def _fill(text: str, number: int, token: str) -> str:
    return text.replace(NUMBER, str(number)).replace(TOKEN, token)


def _head(request: Request, host: str, prefix: str) -> str:
    fields = {"Host": host, "User-Agent": "agentctl", "Accept": "*/*"}
    names = {name.lower(): name for name in fields}
    for name, value in request.headers.items():
        fields[names.get(name.lower(), name)] = value
    lines = [
        f"{request.method} {prefix}{request.path} HTTP/1.1",
        *(f"{name}: {value}" for name, value in fields.items()),
    ]
    return "".join(f"{line}\r\n" for line in lines)


def _whole(head: str, body: str | None) -> bytes:
    if body is None and not head.startswith(("POST ", "PUT ", "PATCH ")):
        return f"{head}\r\n".encode("latin-1")
    data = (body or "").encode()
    return f"{head}Content-Length: {len(data)}\r\n\r\n".encode("latin-1") + data
