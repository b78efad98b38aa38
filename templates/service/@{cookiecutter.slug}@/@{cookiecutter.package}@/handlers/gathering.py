"""One question to several agents."""

import hashlib
from typing import Annotated

from fastapi import APIRouter, Depends

from ..exceptions import AgentError
from ..models.audit import AuditEntry
from ..models.gathering import Gathered, GatherRequest
from ..models.identity import Identity, Permission
from ..utils.correlation import current_correlation_id
from .answers import PROBLEMS
from .exchange import ExchangeDep
from .security import ContainerDep, authenticated, require

router = APIRouter(prefix="/v1", tags=["answers"], dependencies=[Depends(authenticated)])


@router.post("/gather", responses=PROBLEMS)
async def gather(
    request: GatherRequest,
    identity: Annotated[Identity, Depends(require(Permission.ASK))],
    exchange: ExchangeDep,
    container: ContainerDep,
) -> Gathered:
    """Ask several agents at once, until the deadline; those that fail do not keep the others' answers back."""
    outcome = "failed"
    try:
        gathered = await exchange.gatherer.gather(request, identity.subject)
        outcome = "answered" if gathered.complete else "partly answered"
    except AgentError as error:
        outcome = f"failed: {type(error).__name__}"
        raise
    finally:
        container.audit.record(
            AuditEntry(
                action="answers:gather",
                subject=identity.subject,
                outcome=outcome,
                correlation_id=current_correlation_id(),
                digest=hashlib.sha256(request.question.encode()).hexdigest(),
            )
        )
    return gathered
