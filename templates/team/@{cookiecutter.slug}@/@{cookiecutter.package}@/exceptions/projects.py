"""What can go wrong with projects and in the team."""

from ..models.pause import Pause
from . import AgentError, ConfigurationError, InvalidInputError, ResourceError


class UnknownRoleError(ConfigurationError):
    """No agent is registered for a role."""


class ProjectNotFoundError(AgentError):
    """There is no such project, or it belongs to somebody else."""

    def __init__(self) -> None:
        super().__init__("There is no such project.")


class QuestionNotFoundError(AgentError):
    """There is no such question, or its project belongs to somebody else."""

    def __init__(self) -> None:
        super().__init__("There is no such question.")


class ProjectConflictError(AgentError):
    """The project is in no state for this."""


class IdempotencyError(InvalidInputError):
    """The key was used before, for another request."""


class LeaseLostError(AgentError):
    """Another process works on the project now, so this one must not write to it any more."""


class BudgetUsedUpError(AgentError):
    """The project has nothing left to spend.

    Args:
        limit: Of what.
    """

    def __init__(self, limit: str) -> None:
        super().__init__(f"the project's budget of {limit} is used up")
        self.limit = limit


class NobodyToAskError(AgentError):
    """A person cannot be asked outside of a project."""

    def __init__(self) -> None:
        super().__init__("nobody can be asked here")


class PersonNeededError(Exception):
    """A run stopped because a person has to be asked; no failure, and it never leaves the team.

    Args:
        pause: Where it stopped.
    """

    def __init__(self, pause: Pause) -> None:
        super().__init__(pause.wish.kind)
        self.pause = pause


class NothingFoundError(AgentError):
    """A member found nothing to build on."""


class PlanError(AgentError):
    """What the coordination wrote is no plan."""


class MailboxFullError(ResourceError):
    """A member has more messages waiting than it can take."""
