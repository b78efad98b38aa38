"""Errors of tasks, registry and gathering."""

from . import AgentError, CommunicationError, DependencyRefusedError


class NotFoundError(AgentError):
    """There is no such thing, or none that the caller may know of."""


class ConflictError(AgentError):
    """The request does not go with how things stand."""


class IdempotencyError(ConflictError):
    """The same key came with another request."""


class HurriedError(DependencyRefusedError):
    """An agent was given too little time to say anything about its health."""


class NotEnoughAnswersError(CommunicationError):
    """Fewer agents answered than were needed."""
