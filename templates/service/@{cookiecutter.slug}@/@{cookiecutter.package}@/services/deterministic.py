"""A model that needs no network and always says the same."""

import hashlib

from ..interfaces.model import LanguageModel
from ..models.completion import Completion, Prompt


class DeterministicModel(LanguageModel):
    """Answers every prompt from the prompt alone: for development, tests and load tests."""

    def __init__(self, name: str) -> None:
        self._name = name

    @property
    def name(self) -> str:
        """The configured name."""
        return self._name

    async def complete(self, prompt: Prompt) -> Completion:
        """Return the question with a digest of the whole prompt, the conversation included."""
        texts = [prompt.system, *(text for _, text in prompt.conversation)]
        digest = hashlib.sha256("\0".join(texts).encode()).hexdigest()[:8]
        return Completion(text=f"You asked: {prompt.question} (offline answer {digest})")

    async def close(self) -> None:
        """Release nothing: nothing is held."""
