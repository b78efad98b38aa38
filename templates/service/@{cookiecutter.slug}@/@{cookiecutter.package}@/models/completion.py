"""What goes to a language model and what comes back."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Prompt:
    """A prompt.

    Args:
        system: What the model is told by us.
        question: What the client asked; never to be trusted.
    """

    system: str
    question: str

    @property
    def user(self) -> str:
        """The question between tags that it cannot close itself, so that it does not pass for an instruction."""
        escaped = self.question.replace("<", "&lt;").replace(">", "&gt;")
        return f"<question>{escaped}</question>"


@dataclass(frozen=True)
class Completion:
    """A model's answer."""

    text: str
