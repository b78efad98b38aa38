"""What a step at work has done."""

from abc import ABC, abstractmethod
from collections.abc import Mapping

from ..models.plan import StepId


class StepJournal(ABC):
    """Keeps what a step has done until it is over, so that who takes it up after a crash does not do that again.

    Both methods raise StoreError when it cannot be had.
    """

    @abstractmethod
    async def entries(self, project_id: str, step_id: StepId) -> Mapping[str, str]:
        """Return what the step has done, by key."""

    @abstractmethod
    async def keep(self, project_id: str, step_id: StepId, key: str, content: str) -> None:
        """Add an entry; when there is one of that key already, or no project any more, nothing happens."""
