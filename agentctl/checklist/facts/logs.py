"""Which calls write to a log."""

from __future__ import annotations

import re

_VERBS = frozenset({
    "debug", "info", "warning", "warn", "error", "exception", "critical", "log", "adebug", "ainfo", "awarning",
    "aerror", "aexception", "acritical",
})  # fmt: skip
_LOG = re.compile(r"(^|[.?]|_)(log|logger|logging|_logger|LOG|LOGGER|get_logger\(\)|getLogger\(\)|log_\w+)\.\w+$")


def is_log(name: str) -> bool:
    """Return whether a call's dotted name is that of a logger's method."""
    return name[name.rfind(".") + 1 :] in _VERBS and _LOG.search(name) is not None
