"""What can end a run of the agent."""

from enum import StrEnum

from . import AgentError
from .untrusted import SuspiciousInputError, UnsafeAnswerError

__all__ = ["Limit", "RunLimitError", "SuspiciousInputError", "UnsafeAnswerError"]


class Limit(StrEnum):
    """The caps of a run."""

    STEPS = "steps"
    TOOL_CALLS = "tool_calls"
    TOKENS = "tokens"
    COST = "cost"
    TIME = "time"


class RunLimitError(AgentError):
    """The run came to one of its caps.

    Args:
        limit: Which one.
    """

    def __init__(self, limit: Limit) -> None:
        super().__init__(f"the run came to its limit of {limit.replace('_', ' ')}")
        self.limit = limit
