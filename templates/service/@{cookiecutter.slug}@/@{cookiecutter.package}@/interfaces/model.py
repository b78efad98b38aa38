"""The language model."""

from abc import ABC, abstractmethod

from ..models.completion import Completion, Prompt


class LanguageModel(ABC):
    """Completes prompts."""

    @property
    @abstractmethod
    def name(self) -> str:
        """The model's name, for operators."""

    @abstractmethod
    async def complete(self, prompt: Prompt) -> Completion:
        """Return the model's answer.

        Raises:
            DependencyUnavailableError: It failed in a way that may pass.
            DependencyRefusedError: It rejected the prompt.
        """

    @abstractmethod
    async def close(self) -> None:
        """Release connections."""
