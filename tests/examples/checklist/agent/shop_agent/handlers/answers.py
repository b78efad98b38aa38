"""The main route."""

from fastapi import APIRouter, Depends, Request

from shop_agent.handlers.security import authenticated, limited
from shop_agent.models import Answer, Caller, Question
from shop_agent.services.audit import audit
from shop_agent.services.guarding import safeguarded
from shop_agent.services.tenants import use_quota
from shop_agent.utils.metrics import ANSWERS

router = APIRouter(prefix="/v1", dependencies=[Depends(authenticated), Depends(limited)])


@router.post("/answers")
async def ask(question: Question, request: Request) -> Answer:
    """Answer a question."""
    caller = Caller(subject=request.state.subject, tenant_id=request.state.tenant_id)
    use_quota(caller.tenant_id)
    question.text = safeguarded(question.text)
    answer: Answer = await request.app.state.service.answer(question)
    audit.record(caller, "answered")
    ANSWERS.labels(str(answer.degraded)).inc()
    return answer
