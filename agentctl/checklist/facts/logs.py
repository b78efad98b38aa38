"""Which calls write to a log, and what texts for a log tell."""

from __future__ import annotations

import re

LOG_VERBS = frozenset({
    "debug", "info", "warning", "warn", "error", "exception", "critical", "log", "adebug", "ainfo", "awarning",
    "aerror", "aexception", "acritical",
})  # fmt: skip
_LOG = re.compile(r"(^|[.?]|_)(log|logger|logging|_logger|LOG|LOGGER|get_logger\(\)|getLogger\(\)|log_\w+)"
                  r"(\.(bind|opt|patch|new|getChild)\(\))*\.\w+$")  # fmt: skip
# Names of what tells one request, session or run from another.
CORRELATING = (
    "request_id", "correlation_id", "trace_id", "session_id", "thread_id", "conversation_id", "run_id", "task_id",
    "chat_id", "job_id", "scan_id", "interaction_id", "workflow_id",
)  # fmt: skip
# A text that tells that a tool, a command or a query runs.
DEED = re.compile(
    r"^.{0,24}?(\b(execut(ing|ed|es)|running|call(ing|ed)|invok(ing|ed))( \S+)? (tool|command|sql)s?\b"
    r"|\bexecut(ing|ed|es)( \S+)? (query|statement)\b"
    r"|\btool[_ -]?(called|(call|execution|invocation)(?!s?[_ -](id|fail|error|limit|pars|chunk|not)))"
    r"|\bcommand[_ ](executed|received))",
    re.IGNORECASE,
)
# Among what is compared: that a text with values in it tells of a deed, or holds an id.
TOLD_DEED, TOLD_ID = "?told:deed", "?told:id"


def is_log(name: str) -> bool:
    """Return whether a call's dotted name is that of a logger's method."""
    return name[name.rfind(".") + 1 :] in LOG_VERBS and _LOG.search(name) is not None
