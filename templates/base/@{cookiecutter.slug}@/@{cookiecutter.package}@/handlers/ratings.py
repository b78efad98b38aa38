"""What callers think of the answers that they got."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from ..exceptions.sessions import NotRatedError, RatedAlreadyError, TurnNotFoundError
from ..models.problem import Problem
from ..models.session import TURN_ID, Rating
from .errors import CONFLICT, NOT_FOUND, PROBLEM_TYPES
from .security import ContainerDep, authenticated
from .sessions import MISSING, PROBLEMS, Caller, SessionId, record

router = APIRouter(
    prefix="/v1/sessions/{session_id}/turns/{turn_id}/rating",
    tags=["ratings"],
    dependencies=[Depends(authenticated)],
    responses=PROBLEMS | MISSING,
)

PROBLEM_TYPES[TurnNotFoundError] = NOT_FOUND
PROBLEM_TYPES[NotRatedError] = NOT_FOUND
PROBLEM_TYPES[RatedAlreadyError] = CONFLICT
RATED: dict[int | str, dict[str, object]] = {409: {"model": Problem}}
TurnId = Annotated[str, Path(pattern=TURN_ID, description="`turn_id` of the answer, or of the session's turn.")]


@router.post("", status_code=201, responses=RATED)
async def give(
    session_id: SessionId, turn_id: TurnId, rating: Rating, identity: Caller, container: ContainerDep
) -> Rating:
    """Rate an answer of a session of the caller's own, once."""
    await container.resources.ratings.give(identity.subject, session_id, turn_id, rating)
    record(container, identity, "ratings:give", f"score {rating.score}")
    return rating


@router.put("")
async def change(
    session_id: SessionId, turn_id: TurnId, rating: Rating, identity: Caller, container: ContainerDep
) -> Rating:
    """Change the rating of an answer."""
    await container.resources.ratings.change(identity.subject, session_id, turn_id, rating)
    record(container, identity, "ratings:change", f"score {rating.score}")
    return rating
