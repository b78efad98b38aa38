"""Which calls write to a log."""

from __future__ import annotations

import re
from functools import cache

_LOG = re.compile(
    r"(^|[.?]|_)(log|logger|logging|_logger|LOG|LOGGER|get_logger\(\)|getLogger\(\)|log_\w+)"
    r"\.(debug|info|warning|warn|error|exception|critical|log|adebug|ainfo|awarning|aerror|aexception|acritical)$"
)


@cache
def is_log(name: str) -> bool:
    """Return whether a call's dotted name is that of a logger's method."""
    return bool(_LOG.search(name))
