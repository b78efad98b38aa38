"""The language model."""

from abc import ABC, abstractmethod
from collections.abc import Callable

from ..models.conversation import Prompt, Reply

OnText = Callable[[str], None]
"""Told each piece of a text while it is written."""


class LanguageModel(ABC):
    """Replies to prompts."""

    @property
    @abstractmethod
    def name(self) -> str:
        """The model's name, for operators."""

    @abstractmethod
    async def reply(self, prompt: Prompt, on_text: OnText | None = None) -> Reply:
        """Return the model's reply.

        Args:
            prompt: What it gets to see.
            on_text: Told the text piece by piece; without it the reply comes at once.

        Raises:
            DependencyUnavailableError: It failed in a way that may pass.
            DependencyRefusedError: It rejected the prompt.
        """

    @abstractmethod
    async def close(self) -> None:
        """Release connections."""
