"""A caller's own sessions: read one back, or delete it."""

import json
from typing import Annotated

from fastapi import APIRouter, Depends, Path

from ..models.answer import SESSION_ID
from ..models.audit import AuditEntry
from ..models.identity import Identity, Permission
from ..models.problem import Problem
from ..models.session import Session, SessionEntry
from ..utils.correlation import current_correlation_id
from .security import ContainerDep, authenticated, require

router = APIRouter(prefix="/v1/sessions", tags=["sessions"], dependencies=[Depends(authenticated)])

PROBLEMS: dict[int | str, dict[str, object]] = {status: {"model": Problem} for status in (401, 403, 422, 429, 503)}
SessionId = Annotated[str, Path(pattern=SESSION_ID)]
Caller = Annotated[Identity, Depends(require(Permission.ASK))]


@router.get("/{session_id}", responses=PROBLEMS)
async def read(session_id: SessionId, identity: Caller, container: ContainerDep) -> Session:
    """Return the last 100 turns of a session of the caller's own, oldest first."""
    turns = await container.sessions.turns(identity.subject, session_id)
    entries = [SessionEntry(question=turn.question, output=json.loads(turn.answer), time=turn.time) for turn in turns]
    return Session(session_id=session_id, turns=tuple(entries))


@router.delete("/{session_id}", status_code=204, responses=PROBLEMS)
async def end(session_id: SessionId, identity: Caller, container: ContainerDep) -> None:
    """Delete a session of the caller's own; one that is not there is no error."""
    deleted = await container.sessions.delete(identity.subject, session_id)
    container.audit.record(
        AuditEntry(
            action="sessions:delete",
            subject=identity.subject,
            outcome=f"deleted: {deleted} turns",
            correlation_id=current_correlation_id(),
        )
    )
