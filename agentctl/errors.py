"""The errors that agentctl raises on purpose, each with the exit code that it ends the command with."""

from __future__ import annotations

EXIT_YES = 0
EXIT_NO = 1
EXIT_USAGE = 2
EXIT_NO_ANSWER = 3
EXIT_BUG = 70
EXIT_INTERRUPTED = 130
EXIT_CLOSED_PIPE = 141


class AgentctlError(Exception):
    """The root of every expected error.

    Args:
        message: One sentence: what is wrong and where (file, place).
        hint: What to do about it; a command where there is one.
    """

    exit_code = EXIT_BUG

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(AgentctlError):
    """The arguments, the settings or a path are wrong: exit 2."""

    exit_code = EXIT_USAGE


class NoAnswerError(AgentctlError):
    """No answer could be had: a tool failed, a run was invalid, nothing was there to check: exit 3."""

    exit_code = EXIT_NO_ANSWER


class Terminated(BaseException):
    """SIGTERM or SIGHUP arrived; derived from ``BaseException`` so that cleanup runs and no handler swallows it.

    Args:
        number: The signal's number; the exit code is 128 more, as a shell gives it.
    """

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.exit_code = 128 + number
