"""Where other agents may be asked: requests with our tokens go nowhere else."""

from collections.abc import Sequence
from fnmatch import fnmatchcase

from pydantic import HttpUrl

from ..exceptions import InvalidInputError

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


def check_endpoint(endpoint: HttpUrl | None, hosts: Sequence[str]) -> None:
    """Find out whether an agent may be asked there: a host on the list, over TLS unless it is this machine.

    Raises:
        InvalidInputError: It may not.
    """
    if endpoint is None:
        return
    host = (endpoint.host or "").lower()
    if not any(fnmatchcase(host, pattern) for pattern in hosts):
        message = f"The host {host} is not on the list of hosts for agents."
        raise InvalidInputError(message)
    if endpoint.scheme != "https" and host not in LOOPBACK:
        message = "The endpoint must begin with https://."
        raise InvalidInputError(message)
    if endpoint.username or endpoint.password:
        message = "The endpoint must not hold credentials."
        raise InvalidInputError(message)
