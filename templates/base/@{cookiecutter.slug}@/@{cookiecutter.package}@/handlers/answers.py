"""The main route: ask the agent."""

import hashlib
from typing import Annotated

import structlog
from fastapi import APIRouter, Depends

from ..exceptions import AgentError, InvalidInputError
from ..interfaces.agent import Agent
from ..models.answer import Answer, Question
from ..models.audit import AuditEntry
from ..models.identity import Identity, Permission
from ..models.problem import Problem
from ..services.history import recall
from ..utils.correlation import current_correlation_id
from .security import ContainerDep, authenticated, require

# a route that is added here is closed to strangers even when it forgets to ask for a permission
router = APIRouter(prefix="/v1", tags=["answers"], dependencies=[Depends(authenticated)])

PROBLEMS: dict[int | str, dict[str, object]] = {
    status: {"model": Problem} for status in (401, 403, 413, 422, 429, 502, 503, 504)
}


@router.post("/answers", responses=PROBLEMS)
async def ask(
    question: Question,
    identity: Annotated[Identity, Depends(require(Permission.ASK))],
    container: ContainerDep,
) -> Answer:
    """Answer a question, in a session as part of its conversation. Every outcome is in the audit trail."""
    if question.session_id is not None:
        structlog.contextvars.bind_contextvars(session_id=question.session_id)
    outcome = "failed"
    try:
        check_model(question, container.agent)
        history = await recall(container.sessions, identity.subject, question, container.settings.limits)
        answer = await container.agent.answer(question, history)
        answer = await container.sessions.remember(identity.subject, question, answer, current_correlation_id())
        outcome = "degraded" if answer.degraded else "answered"
    except AgentError as error:
        outcome = f"failed: {type(error).__name__}"
        raise
    finally:
        container.audit.record(
            AuditEntry(
                action=Permission.ASK,
                subject=identity.subject,
                outcome=outcome,
                correlation_id=current_correlation_id(),
                digest=hashlib.sha256(question.question.encode()).hexdigest(),
            )
        )
    return answer


def check_model(question: Question, agent: Agent) -> None:
    """See to it that the agent has the model that was asked for.

    Raises:
        InvalidInputError: It has not.
    """
    if question.model is not None and question.model not in agent.models:
        known = f"There are {', '.join(agent.models)}." if agent.models else "This agent offers no choice."
        message = f"There is no model of that name. {known}"
        raise InvalidInputError(message)
