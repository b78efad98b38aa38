"""Questions of projects: what waits for me, and what I say to it."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from ..exceptions import ConfigurationError
from ..exceptions.projects import QuestionNotFoundError
from ..models.identity import Identity, Permission
from ..models.questions import AnswerRequest, Question, QuestionStatus, RefusalRequest
from ..services.questions import Questions
from ..services.team import Team
from .answers import PROBLEMS
from .errors import PROBLEM_TYPES, ProblemType
from .projects import CHANGING, MOST_LISTED, OF_ONE, owner_filter, record
from .security import ContainerDep, authenticated, require

router = APIRouter(prefix="/v1/questions", tags=["questions"], dependencies=[Depends(authenticated)])

PROBLEM_TYPES[QuestionNotFoundError] = ProblemType("not-found", HTTPStatus.NOT_FOUND)

Decider = Annotated[Identity, Depends(require(Permission.DECIDE))]
QuestionId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]


async def get_questions(container: ContainerDep) -> Questions:
    """Return what the team needs of people."""
    if isinstance(container.agent, Team):
        return container.agent.questions
    message = "this agent is no team"
    raise ConfigurationError(message)


QuestionsDep = Annotated[Questions, Depends(get_questions)]


@router.get("", responses=PROBLEMS)
async def waiting(
    identity: Decider, questions: QuestionsDep, limit: Annotated[int, Query(ge=1, le=MOST_LISTED)] = 20
) -> Sequence[Question]:
    """List what waits for your answer; what is due first comes first."""
    return await questions.waiting(owner_filter(identity), limit)


@router.get("/{question_id}", responses=OF_ONE)
async def look(question_id: QuestionId, identity: Decider, questions: QuestionsDep) -> Question:
    """Look at a question, and at what became of it."""
    return await questions.get(question_id, owner_filter(identity))


@router.post("/{question_id}/answer", responses=CHANGING)
async def answer(
    question_id: QuestionId, body: AnswerRequest, identity: Decider, container: ContainerDep, questions: QuestionsDep
) -> Question:
    """Answer a question, or give the leave that it asks for. The project goes on with it."""
    record(container, identity, Permission.DECIDE, QuestionStatus.ANSWERED, question_id)
    return await questions.settle(question_id, owner_filter(identity), QuestionStatus.ANSWERED, body.text)


@router.post("/{question_id}/refuse", responses=CHANGING)
async def refuse(
    question_id: QuestionId, body: RefusalRequest, identity: Decider, container: ContainerDep, questions: QuestionsDep
) -> Question:
    """Do not answer, or do not give the leave. The project goes on without it."""
    record(container, identity, Permission.DECIDE, QuestionStatus.REFUSED, question_id)
    return await questions.settle(question_id, owner_filter(identity), QuestionStatus.REFUSED, body.why)
