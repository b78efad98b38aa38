"""A caller's own sessions: list them, name one, read it back, or delete it."""

import json
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from ..exceptions.sessions import SessionNotFoundError
from ..models.answer import SESSION_ID
from ..models.audit import AuditEntry
from ..models.identity import Identity, Permission
from ..models.pages import DEFAULT_LIMIT, MAX_LIMIT, Page
from ..models.problem import Problem
from ..models.session import SESSION_CURSOR, Session, SessionChange, SessionEntry, SessionSummary
from ..services.container import Container
from ..utils.correlation import current_correlation_id
from .errors import NOT_FOUND, PROBLEM_TYPES
from .security import ContainerDep, authenticated, require

router = APIRouter(prefix="/v1/sessions", tags=["sessions"], dependencies=[Depends(authenticated)])

PROBLEM_TYPES[SessionNotFoundError] = NOT_FOUND
PROBLEMS: dict[int | str, dict[str, object]] = {status: {"model": Problem} for status in (401, 403, 422, 429, 503)}
MISSING: dict[int | str, dict[str, object]] = {404: {"model": Problem}}
SessionId = Annotated[str, Path(pattern=SESSION_ID)]
Caller = Annotated[Identity, Depends(require(Permission.ASK))]


@router.get("", responses=PROBLEMS)
async def find(
    identity: Caller,
    container: ContainerDep,
    cursor: Annotated[
        str | None, Query(pattern=SESSION_CURSOR, description="`next_cursor` of the page before.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT,
) -> Page[SessionSummary]:
    """List the caller's own sessions, those with the newest turns first."""
    return await container.resources.session_list.page(identity.subject, cursor, limit)


@router.get("/{session_id}", responses=PROBLEMS)
async def read(session_id: SessionId, identity: Caller, container: ContainerDep) -> Session:
    """Return the last 100 turns of a session of the caller's own, oldest first."""
    turns = await container.sessions.turns(identity.subject, session_id)
    if not turns:
        return Session(session_id=session_id, turns=())
    entries = [
        SessionEntry(
            turn_id=turn.turn_id,
            question=turn.question,
            output=json.loads(turn.answer),
            time=turn.time,
            rating=turn.rating,
        )
        for turn in turns
    ]
    summary = await container.resources.session_list.one(identity.subject, session_id)
    return Session(session_id=session_id, name=summary.name, turns=tuple(entries))


@router.patch("/{session_id}", responses=PROBLEMS | MISSING)
async def change(
    session_id: SessionId, body: SessionChange, identity: Caller, container: ContainerDep
) -> SessionSummary:
    """Give a session of the caller's own another name."""
    changed = await container.resources.session_list.rename(identity.subject, session_id, body.name)
    record(container, identity, "sessions:rename", "renamed")
    return changed


@router.delete("/{session_id}", status_code=204, responses=PROBLEMS)
async def end(session_id: SessionId, identity: Caller, container: ContainerDep) -> None:
    """Delete a session of the caller's own, with its name and ratings; one that is not there is no error."""
    deleted = await container.sessions.delete(identity.subject, session_id)
    record(container, identity, "sessions:delete", f"deleted: {deleted} turns")


def record(container: Container, identity: Identity, action: str, outcome: str) -> None:
    """Write down what a caller changed."""
    container.audit.record(
        AuditEntry(action=action, subject=identity.subject, outcome=outcome, correlation_id=current_correlation_id())
    )
