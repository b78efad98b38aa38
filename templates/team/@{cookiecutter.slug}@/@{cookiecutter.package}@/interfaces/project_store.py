"""Where projects are kept."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from ..models.plan import StepId
from ..models.project import RESUMABLE, Project, ProjectStatus
from ..models.project_events import NumberedEvent, ProjectEvent
from ..models.questions import Question


@dataclass(frozen=True)
class IdempotencyKey:
    """A client's own key for a request, and a digest of the request."""

    key: str
    digest: str


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a project has come.

    Args:
        project: All of it.
        changed: The steps whose state is another one than was kept before.
        events: What happened since.
        asked: The questions that are asked.
        taken: The questions, by id, whose answers are in the steps now.
    """

    project: Project
    changed: frozenset[StepId] = frozenset()
    events: tuple[ProjectEvent, ...] = ()
    asked: tuple[Question, ...] = ()
    taken: frozenset[str] = frozenset()


class ProjectStore(ABC):
    """Keeps projects, the result of each step, and their events.

    One process at a time works on a project: it holds a lease, named by a token, that it has to renew.
    """

    @abstractmethod
    async def create(self, project: Project, token: str, lease: float, key: IdempotencyKey | None) -> Project:
        """Keep a new project, leased for ``lease`` seconds; return it, or the one that the same key made before.

        Raises:
            IdempotencyError: The key was used before, for another request.
        """

    @abstractmethod
    async def get(self, project_id: str) -> Project | None:
        """Return the project; one that was running and whose lease ran out is ``INTERRUPTED``."""

    @abstractmethod
    async def owned_by(self, owner: str, limit: int) -> Sequence[Project]:
        """Return the newest projects of an owner."""

    @abstractmethod
    async def take_over(
        self, project_id: str, token: str, lease: float, allowed: Collection[ProjectStatus] = RESUMABLE
    ) -> Project:
        """Lease a project that nobody works on, and return it, one run more; ``Project.again`` makes it ready to run.

        Raises:
            ProjectConflictError: It has another status than those that are allowed, or there is none.
        """

    @abstractmethod
    async def save(self, progress: Progress, token: str, lease: float) -> None:
        """Keep how far the project has come, in one transaction; the lease is renewed.

        When the project is over its open questions are withdrawn.

        Raises:
            LeaseLostError: The lease is somebody else's.
        """

    @abstractmethod
    async def renew(self, project_id: str, token: str, lease: float) -> bool:
        """Renew the lease; return whether the project is to be cancelled.

        Raises:
            LeaseLostError: The lease is somebody else's.
        """

    @abstractmethod
    async def release(self, project_id: str, token: str) -> None:
        """Give the lease back, if it is still held."""

    @abstractmethod
    async def request_cancel(self, project_id: str) -> None:
        """Note that the project is to be cancelled, for the process that works on it."""

    @abstractmethod
    async def events(self, project_id: str, after: int) -> Sequence[NumberedEvent]:
        """Return the events after that number, in their order."""
