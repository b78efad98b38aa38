"""Errors of tasks, registry and gathering."""

from . import AgentError, CommunicationError


class NotFoundError(AgentError):
    """There is no such thing, or none that the caller may know of."""


class ConflictError(AgentError):
    """The request does not go with how things stand."""


class IdempotencyError(ConflictError):
    """The same key came with another request."""


class NotEnoughAnswersError(CommunicationError):
    """Fewer agents answered than were needed."""
