"""What goes to a language model and what comes back."""

from dataclasses import dataclass

from .history import PastTurn


@dataclass(frozen=True)
class Prompt:
    """A prompt.

    Args:
        system: What the model is told by us.
        user: The question, between tags that it cannot close: data, and never an instruction.
        history: What was said before, its questions between such tags, too.
    """

    system: str
    user: str
    history: tuple[PastTurn, ...] = ()

    @property
    def conversation(self) -> tuple[tuple[str, str], ...]:
        """Roles and texts of everything after the system's part."""
        before = tuple(
            message for turn in self.history for message in (("user", turn.question), ("assistant", turn.answer))
        )
        return (*before, ("user", self.user))


@dataclass(frozen=True)
class Completion:
    """A model's answer."""

    text: str
