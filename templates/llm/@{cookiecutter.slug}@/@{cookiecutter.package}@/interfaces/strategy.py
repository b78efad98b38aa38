"""The choice of tools."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from .tool import Tool


class ToolStrategy(ABC):
    """Chooses which tools a model is offered for a question."""

    @abstractmethod
    def choose(self, tools: Sequence[Tool], question: str) -> tuple[Tool, ...]:
        """Return the tools to offer, the most promising first."""
