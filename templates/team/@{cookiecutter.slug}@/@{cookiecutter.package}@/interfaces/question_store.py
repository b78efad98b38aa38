"""Where the questions of projects to people are kept."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime

from ..models.questions import Question, QuestionStatus


class QuestionStore(ABC):
    """Finds and settles questions; they are asked, and their answers taken, together with the state of the project."""

    @abstractmethod
    async def question(self, question_id: str) -> Question | None:
        """Return a question."""

    @abstractmethod
    async def open_questions(self, owner: str | None, limit: int) -> Sequence[Question]:
        """Return what waits for the owner of projects, or for anybody; what is due first comes first."""

    @abstractmethod
    async def settle(self, question_id: str, status: QuestionStatus, answer: str) -> Question:
        """Note what became of an open question; of several at the same time one comes through.

        Raises:
            ProjectConflictError: It is not open any more.
        """

    @abstractmethod
    async def settled(self, project_id: str) -> Sequence[Question]:
        """Return the questions of a project that are settled and whose answers nobody has taken yet."""

    @abstractmethod
    async def overdue(self, now: datetime, limit: int) -> Sequence[str]:
        """Return open questions, by id, that nobody answered in time."""

    @abstractmethod
    async def able_to_go_on(self, limit: int) -> Sequence[str]:
        """Return projects, by id, that wait although a question of theirs is settled."""
