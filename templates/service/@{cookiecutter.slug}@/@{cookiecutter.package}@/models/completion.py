"""What goes to a language model and what comes back."""

from dataclasses import dataclass

from .history import NO_HISTORY, History


@dataclass(frozen=True)
class Prompt:
    """A prompt.

    Args:
        system: What the model is told by us.
        question: What the client asked; never to be trusted.
        history: What was said before; neither.
    """

    system: str
    question: str
    history: History = NO_HISTORY

    @property
    def user(self) -> str:
        """The question between tags that it cannot close itself, so that it does not pass for an instruction."""
        return _fenced(self.question)

    @property
    def conversation(self) -> tuple[tuple[str, str], ...]:
        """Roles and texts of everything after the system's part: earlier questions between such tags, too."""
        before = tuple(
            message
            for turn in self.history.turns
            for message in (("user", _fenced(turn.question)), ("assistant", turn.answer))
        )
        return (*before, ("user", self.user))


@dataclass(frozen=True)
class Completion:
    """A model's answer."""

    text: str


def _fenced(question: str) -> str:
    escaped = question.replace("<", "&lt;").replace(">", "&gt;")
    return f"<question>{escaped}</question>"
