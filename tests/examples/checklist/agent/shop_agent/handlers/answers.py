"""The main route."""

from fastapi import APIRouter, Depends, Request

from shop_agent.handlers.security import authenticated, limited
from shop_agent.models import Answer, Question
from shop_agent.utils.metrics import ANSWERS

router = APIRouter(prefix="/v1", dependencies=[Depends(authenticated), Depends(limited)])


@router.post("/answers")
async def ask(question: Question, request: Request) -> Answer:
    """Answer a question."""
    answer: Answer = await request.app.state.service.answer(question)
    ANSWERS.labels(str(answer.degraded)).inc()
    return answer
