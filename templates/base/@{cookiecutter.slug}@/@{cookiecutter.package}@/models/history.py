"""What was said before in a conversation, as an agent gets to see it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PastTurn:
    """An earlier question of the client and what the agent answered. Both are text that others wrote."""

    question: str
    answer: str

    @property
    def chars(self) -> int:
        """How long both are together."""
        return len(self.question) + len(self.answer)


@dataclass(frozen=True)
class History:
    """The conversation so far, oldest turn first; it is false when there is none."""

    turns: tuple[PastTurn, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.turns)


NO_HISTORY = History()
