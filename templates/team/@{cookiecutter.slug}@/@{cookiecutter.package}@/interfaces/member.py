"""A member of the team."""

from abc import ABC, abstractmethod

from ..models.messages import StepResult, TaskAssigned
from ..models.spending import Purse
from ..models.team import TeamRole


class TeamMember(ABC):
    """Does one kind of task."""

    @property
    @abstractmethod
    def role(self) -> TeamRole:
        """What it is responsible for."""

    @abstractmethod
    async def work(self, assignment: TaskAssigned, purse: Purse) -> StepResult:
        """Return the result of a task.

        Args:
            assignment: The task with what it builds on.
            purse: What it may use up; what it did use up is noted there, also when it fails.

        Raises:
            AgentError: It could not be done; says why.
        """

    @abstractmethod
    async def close(self) -> None:
        """Release what the member holds open."""
