"""The agent, as the surface around it sees it."""

from abc import ABC, abstractmethod
from collections.abc import Mapping

from ..models.answer import Answer, Question
from ..models.history import NO_HISTORY, History


class Agent(ABC):
    """Answers questions."""

    @abstractmethod
    async def answer(self, question: Question, history: History = NO_HISTORY, *, fresh: bool = False) -> Answer:
        """Return an answer.

        Args:
            question: What is asked; already validated.
            history: What was said before, already trimmed; as untrusted as the question.
            fresh: Do not answer from the cache.

        Raises:
            AgentError: No answer could be had.
        """

    async def open(self) -> None:  # noqa: B027  # few agents have anything to begin
        """Begin what runs beside the answers; the store is open and has its tables, unless it cannot be had."""

    @property
    def models(self) -> tuple[str, ...]:
        """The models that callers may choose among, the default first; without any, nobody chooses."""
        return ()

    async def dependencies(self) -> Mapping[str, bool]:
        """Return what it uses beside its model, and whether that is there; without it answers are poorer, not gone."""
        return {}

    @abstractmethod
    async def close(self) -> None:
        """Release what the agent holds open."""
