"""What keeps a client of the agent from its answer; raised by ``client/`` only, never by the service itself."""

from ..models.problem import Problem
from . import AgentError


class ClientError(AgentError):
    """The agent was asked, and there is no answer."""


class UnreachableError(ClientError):
    """No connection could be had; nothing was sent."""


class NoAnswerError(ClientError):
    """The connection broke, or the time was over, before the answer was whole: whether it was done is not known."""


class UnreadableAnswerError(ClientError):
    """There is an answer, and it is none of this API."""


class ProblemError(ClientError):
    """The agent said why not.

    Args:
        problem: What it said.
        retry_after: Seconds until it wants to be asked again, when it named them.
    """

    def __init__(self, problem: Problem, retry_after: float | None = None) -> None:
        super().__init__(f"{problem.detail or problem.title} ({problem.status}, {problem.instance})")
        self.problem = problem
        self.retry_after = retry_after


class InvalidRequestError(ProblemError):
    """What was sent cannot be worked on (400, 413, 422, 431); ``problem.errors`` tells the fields."""


class UnauthenticatedError(ProblemError):
    """There was no token, or none that is valid (401)."""


class NotPermittedError(ProblemError):
    """The token does not allow it (403)."""


class NotFoundError(ProblemError):
    """There is nothing there, or not for this caller (404)."""


class ConflictError(ProblemError):
    """It cannot be done as things stand (409)."""


class TooManyRequestsError(ProblemError):
    """The caller used up its share (429)."""


class UnavailableError(ProblemError):
    """The service takes nothing on right now (503)."""


class AgentFailedError(ProblemError):
    """Something that the agent depends on failed (502, 504)."""
