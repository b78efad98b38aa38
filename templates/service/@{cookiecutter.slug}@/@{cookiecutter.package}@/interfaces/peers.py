"""Other agents, as this one sees them."""

from abc import ABC, abstractmethod

from ..models.answer import Answer, Question
from ..models.registry import RegisteredAgent


class Peers(ABC):
    """Asks other agents."""

    @abstractmethod
    async def ask(self, agent: RegisteredAgent, question: Question, subject: str) -> Answer:
        """Return the agent's answer.

        Args:
            agent: Whom to ask.
            question: What to ask.
            subject: On whose behalf.

        Raises:
            CommunicationError: It gave none.
        """

    @abstractmethod
    async def close(self) -> None:
        """Release what is held open."""
