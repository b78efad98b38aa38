"""What an agent is told of the conversation so far: the newest turns of the session that fit the limits."""

import json
from collections.abc import Sequence

from ..config.limits import CommonLimits
from ..models.answer import Question
from ..models.history import NO_HISTORY, History, PastTurn
from ..models.session import SessionTurn
from .sessions import Sessions

TOLD = "answer_text"
"""The field of an answer that a conversation is made of; an agent without it is shown all its fields."""


async def recall(sessions: Sessions, subject: str, question: Question, limits: CommonLimits) -> History:
    """Return what was said before in the session that the question names, which is the subject's own; else nothing.

    Raises:
        StoreError: It could not be read.
    """
    if question.session_id is None or limits.history_turns == 0:
        return NO_HISTORY
    turns = await sessions.turns(subject, question.session_id, last=limits.history_turns)
    return trim_history([past_turn(turn) for turn in turns], most=limits.history_turns, chars=limits.history_chars)


def trim_history(turns: Sequence[PastTurn], *, most: int, chars: int) -> History:
    """Return the newest turns that fit, whole ones without a gap: the oldest go first.

    Args:
        turns: Oldest first.
        most: Turns at most.
        chars: Characters of all questions and answers together at most.
    """
    kept: list[PastTurn] = []
    for turn in reversed(turns[-most:] if most else ()):
        chars -= turn.chars
        if chars < 0:
            break
        kept.append(turn)
    return History(tuple(reversed(kept)))


def past_turn(turn: SessionTurn) -> PastTurn:
    """Return what an agent is told of a turn."""
    told = json.loads(turn.answer).get(TOLD)
    return PastTurn(turn.question, told if isinstance(told, str) else turn.answer)
