"""One keep-alive HTTP/1.1 connection of one user; imported by the generator's process only."""

# mypy: disable-error-code="no-untyped-call"
# (gevent, geventhttpclient and locust ship no complete types)

from __future__ import annotations

import select
import socket
import ssl
import time
from contextlib import suppress
from typing import Any

import gevent.monkey
import gevent.socket
import gevent.ssl
from geventhttpclient.response import HTTPParseError, HTTPResponse

BLOCK = 65536
# Servers drop idle connections after 2 s (gunicorn), 5 s (uvicorn) or more; one that is about to be dropped would fail
# a request that the agent never saw.
MAX_IDLE = 1.0
_FINAL = 200
# gevent fills these modules as they are imported, out of mypy's sight.
_net: Any = gevent.socket
_tls: Any = gevent.ssl
_poll = gevent.monkey.get_original("select", "poll")

Address = tuple[Any, ...]


class Answer(HTTPResponse):
    """Parses one answer and lets its fields and body go: the parser itself knows its length and whether to keep on."""

    def _on_header_field(self, _text: str) -> None:
        pass

    def _on_header_value(self, _text: str) -> None:
        pass

    def _on_body(self, _block: bytearray) -> None:
        pass


class Connection:
    """Sends one request at a time and waits for the whole answer.

    Args:
        addresses: What ``resolve`` gave; tried in order.
        server_name: The name to check the certificate against, or None for plain HTTP.
    """

    def __init__(self, addresses: list[Address], server_name: str | None) -> None:
        self._addresses, self._server_name = addresses, server_name
        self._socket: Any = None
        self._watch: Any = None
        self._used = 0.0

    def exchange(self, request: bytes, method: str) -> int:
        """Send a request and return the status of its answer, once the last byte of it has come.

        Raises:
            OSError, HTTPParseError: There was no whole answer; the connection is closed then.
        """
        try:
            sock = self._ready()
            sock.sendall(request)
            answer = self._answer(sock, method)
        except BaseException:  # a timeout is none of Exception, and leaves half an answer behind
            self.close()
            raise
        if answer.should_close():
            self.close()
        self._used = time.perf_counter()
        return int(answer.get_code())

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _answer(self, sock: Any, method: str) -> Answer:
        answer = Answer(method)
        while not answer.message_complete or answer.get_code() < _FINAL:
            block = sock.recv(BLOCK)
            if not block:
                return self._at_end(answer)
            answer.feed(block)
        return answer

    @staticmethod
    def _at_end(answer: Answer) -> Answer:
        """The server has closed: right for an answer without a length, else there is only half of one."""
        with suppress(HTTPParseError):
            answer.feed(b"")
        if not answer.message_complete:
            raise ConnectionResetError("closed before the whole answer")
        return answer

    def _ready(self) -> Any:
        if self._socket is not None and (time.perf_counter() - self._used > MAX_IDLE or self._watch.poll(0)):
            self.close()  # idle for long, or readable while nothing was asked: the other side has closed it
        if self._socket is None:
            self._socket = self._connect()
            self._watch = _poll()
            self._watch.register(self._socket.fileno(), select.POLLIN)
        return self._socket

    def _connect(self) -> Any:
        for number, (family, kind, protocol, _name, address) in enumerate(self._addresses):
            sock = _net.socket(family, kind, protocol)
            try:
                sock.connect(address)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return self._secured(sock)
            except OSError:
                sock.close()
                if number == len(self._addresses) - 1:
                    raise
            except BaseException:
                sock.close()
                raise
        raise OSError("no address")

    def _secured(self, sock: Any) -> Any:
        if self._server_name is None:
            return sock
        return _context().wrap_socket(sock, server_hostname=self._server_name)


def resolve(host: str, port: int) -> list[Address]:
    """Return the addresses of a host, once for the whole run.

    Raises:
        OSError: There are none.
    """
    return list(_net.getaddrinfo(host, port, 0, socket.SOCK_STREAM))


def problem(error: BaseException) -> str:
    """Return what happened in the few words that a report groups by."""
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    if isinstance(error, ConnectionResetError | BrokenPipeError):
        return "connection closed by the server"
    if isinstance(error, ssl.SSLError):
        return f"TLS: {error.reason or error}"
    if isinstance(error, HTTPParseError):
        return "not an HTTP answer"
    return str(getattr(error, "strerror", None) or error or type(error).__name__)


_contexts: list[Any] = []


def _context() -> Any:
    if not _contexts:
        _contexts.append(_tls.create_default_context())
    return _contexts[0]
