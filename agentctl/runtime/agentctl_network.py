"""A pytest plugin that keeps tests off the network: ``AGENTCTL_NETWORK`` is ``none`` or ``loopback``.

An audit hook sees every connection that Python's own sockets make, whichever library asks for it; C libraries with
sockets of their own (gRPC, libpq) pass by. Unix sockets and literal addresses that need no lookup are never refused.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import sys
from typing import Any, NoReturn, Union

_POLICY = os.environ["AGENTCTL_NETWORK"]
# An event loop on Windows is built from a loopback connection to itself.
_LOOPBACK_ALLOWED = _POLICY == "loopback" or os.name == "nt"
_FAMILIES = (socket.AF_INET, socket.AF_INET6)


class NetworkBlockedError(RuntimeError):
    """A test tried to leave the machine (or, under ``none``, to use the network at all)."""


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if not event.startswith("socket."):
        return
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        sock, address = arguments
        if address is not None and sock.family in _FAMILIES and not _may_connect(address[0]):
            _refuse("a connection to " + ":".join(map(str, address[:2])))
    elif event in ("socket.getaddrinfo", "socket.gethostbyname") and not _may_look_up(arguments[0]):
        _refuse(f"a lookup of {_text(arguments[0])}")


def _may_connect(host: Any) -> bool:
    return _LOOPBACK_ALLOWED and (_is_local_name(_text(host)) or _is_loopback(_text(host)))


def _may_look_up(host: Any) -> bool:
    name = _text(host)
    return _is_local_name(name) or _address(name) is not None


def _is_local_name(name: str) -> bool:
    return name in ("", "localhost") or name.endswith(".localhost") or name == socket.gethostname()


def _is_loopback(name: str) -> bool:
    address = _address(name)
    return address is not None and (address.is_loopback or address.is_unspecified)


def _address(name: str) -> Union[ipaddress.IPv4Address, ipaddress.IPv6Address, None]:
    try:
        return ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return None


def _text(host: Any) -> str:
    if host is None:
        return ""
    return host.decode("ascii", "replace") if isinstance(host, (bytes, bytearray)) else str(host)


def _refuse(what: str) -> NoReturn:
    allowed = "only loopback is allowed" if _LOOPBACK_ALLOWED else "the network is not allowed"
    raise NetworkBlockedError(f"{what} was refused: {allowed} in this suite; use a fake, or change its network policy")


sys.addaudithook(_audit)
