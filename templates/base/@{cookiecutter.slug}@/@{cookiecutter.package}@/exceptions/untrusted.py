"""What the guard of text finds."""

from . import InvalidInputError, OutputError


class SuspiciousInputError(InvalidInputError):
    """A question reads like an attempt to take the agent over."""


class UnsafeAnswerError(OutputError):
    """An answer would give away what must stay inside."""
