"""Rate limiting per client, with a share of its own for some groups of routes."""

from collections.abc import Mapping

from limits import RateLimitItem, RateLimitItemPerMinute

from ..exceptions import RateLimitedError
from .counters import Counters

EVERYWHERE = ""


class ClientLimiter:
    """Lets each client make so many requests a minute.

    Args:
        per_minute: Requests per client to all routes that have no limit of their own.
        counters: Where they are counted.
        groups: How routes of a group begin, to requests per client to all of them together.
    """

    def __init__(self, per_minute: int, counters: Counters, groups: Mapping[str, int] | None = None) -> None:
        self._counters = counters
        limits = {EVERYWHERE: per_minute, **(groups or {})}
        self._limits: dict[str, RateLimitItem] = {
            group: RateLimitItemPerMinute(limits[group]) for group in sorted(limits, key=len, reverse=True)
        }

    async def check(self, client: str, route: str = EVERYWHERE) -> None:
        """Count one request of the client to a route.

        Raises:
            RateLimitedError: Its share is used up; says when to come back.
        """
        group = self.group_of(route)
        key = f"{client} {group}" if group else client
        wait = await self._counters.take(self._limits[group], key)
        if wait is not None:
            raise RateLimitedError(retry_after=wait)

    def group_of(self, route: str) -> str:
        """Return the group of a route: the one with the longest beginning."""
        return next(group for group in self._limits if group == EVERYWHERE or in_group(route, group))


def in_group(route: str, group: str) -> bool:
    """Return whether a route begins with a group's path, in whole parts of it."""
    return f"{route}/".startswith(f"{group}/")
