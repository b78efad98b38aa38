"""An agent that shows its answer while it writes it."""

from abc import abstractmethod
from collections.abc import AsyncGenerator

from ..models.answer import Question
from ..models.history import NO_HISTORY, History
from ..models.info import ToolInfo
from ..models.streaming import StreamEvent
from .agent import Agent
from .memory import MemoryKeeper


class StreamingAgent(Agent):
    """Answers at once or piece by piece."""

    @property
    def tools(self) -> tuple[ToolInfo, ...]:
        """The tools that it may use now."""
        return ()

    @property
    def memories(self) -> MemoryKeeper | None:
        """What was remembered of users over all conversations, where it can be told and forgotten."""
        return None

    @abstractmethod
    def stream(self, question: Question, history: History = NO_HISTORY) -> AsyncGenerator[StreamEvent, None]:
        """Return the events of an answer, ``Answered`` last; closing the generator stops the work.

        Raises:
            AgentError: No answer could be had; may come after some events.
        """
