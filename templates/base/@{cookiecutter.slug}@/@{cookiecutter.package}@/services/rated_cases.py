"""Rated answers as cases of an evaluation: good ones to come near to, bad ones never to be given again."""

import json
from collections.abc import AsyncIterator

from pydantic import JsonValue

from ..config.limits import CommonLimits
from ..models.history import History, PastTurn
from ..models.session import Rating, SessionTurn
from .history import past_turn, trim_history
from .ratings import Ratings
from .sessions import Sessions

GOOD, BAD = 4, 2
"""From this score on, and up to this one; what lies between says nothing."""

Case = dict[str, JsonValue]


async def rated_cases(ratings: Ratings, sessions: Sessions, limits: CommonLimits) -> AsyncIterator[Case]:
    """Yield a case for each answer that was rated good or bad, in the form that data sets in ``evals/`` have.

    Raises:
        StoreError: Something could not be read.
    """
    async for subject, session_id in ratings.rated_sessions():
        before: list[PastTurn] = []
        async for turn in sessions.all_turns(subject, session_id):
            told = trim_history(before, most=limits.history_turns, chars=limits.history_chars)
            if turn.rating is not None and (wanted := _wanted(turn, turn.rating)):
                yield {**_about(turn, turn.rating, told), **wanted}
            before = [*before, past_turn(turn)][-max(limits.history_turns, 1) :]


def _about(turn: SessionTurn, rating: Rating, told: History) -> Case:
    case: Case = {"name": f"rated {rating.score}: {turn.turn_id}", "question": turn.question}
    if told:
        case["before"] = [{"question": past.question, "answer": past.answer} for past in told.turns]
    if rating.comment:
        case["note"] = rating.comment
    return case


def _wanted(turn: SessionTurn, rating: Rating) -> Case:
    """Return what an answer has to be like."""
    answer = past_turn(turn).answer
    if rating.score <= BAD:
        return {"lacks": [answer]}
    if rating.score < GOOD:
        return {}
    sources = json.loads(turn.answer).get("sources")
    cites: Case = {"cites": sources} if isinstance(sources, list) and sources else {}
    return {"reference": answer, **cites}
