"""A member of the team."""

from abc import ABC, abstractmethod

from ..models.messages import StepResult, TaskAssigned
from ..models.plan import Plan
from ..models.spending import Purse
from ..models.team import MemberName


class TeamMember(ABC):
    """Does one kind of task, or leads a team that does."""

    @property
    @abstractmethod
    def name(self) -> MemberName:
        """What steps for it are given to: its role, or the team that it leads."""

    @abstractmethod
    async def work(self, assignment: TaskAssigned, purse: Purse) -> StepResult | Plan:
        """Return the result of a task, or the steps into which a team divides it.

        Args:
            assignment: The task with what it builds on.
            purse: What it may use up; what it did use up is noted there, also when it fails.

        Raises:
            PersonNeededError: A person has to be asked first; with ``assignment.pause`` it goes on from there.
            AgentError: It could not be done; says why.
        """

    @abstractmethod
    async def close(self) -> None:
        """Release what the member holds open."""
