"""The agent registry: register, give signs of life, look up."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from ..models.audit import AuditEntry
from ..models.identity import Identity, Permission
from ..models.pages import DEFAULT_LIMIT, Page
from ..models.problem import Problem
from ..models.registry import AGENT_ID, AgentStatus, Capability, Heartbeat, RegisteredAgent, Registration
from ..services.container import Container
from ..utils.correlation import current_correlation_id
from .exchange import ExchangeDep
from .lists import Cursor, Limit, LinesResponse, lines
from .security import ContainerDep, authenticated, require

router = APIRouter(prefix="/v1", tags=["agents"], dependencies=[Depends(authenticated)])

PROBLEMS: dict[int | str, dict[str, object]] = {status: {"model": Problem} for status in (401, 403, 422, 429, 503)}
MISSING: dict[int | str, dict[str, object]] = {404: {"model": Problem}}
AgentPath = Annotated[str, Path(pattern=AGENT_ID)]
Registering = Annotated[Identity, Depends(require(Permission.REGISTER))]
Reading = Depends(require(Permission.READ_AGENTS))


@router.put("/agents/{agent_id}", responses=PROBLEMS | {201: {"model": RegisteredAgent}})
async def register(  # noqa: PLR0913, PLR0917  # what FastAPI hands in
    agent_id: AgentPath,
    registration: Registration,
    identity: Registering,
    exchange: ExchangeDep,
    container: ContainerDep,
    response: Response,
) -> RegisteredAgent:
    """Register an agent, or change what is known of it. It stays as long as it gives signs of life."""
    agent, new = await exchange.registry.register(agent_id, registration, identity)
    if new:
        response.status_code = HTTPStatus.CREATED
    _record(container, identity, f"registered {agent_id}")
    return agent


@router.get("/agents", responses=PROBLEMS, dependencies=[Reading])
async def find(
    exchange: ExchangeDep,
    capability: Annotated[Capability | None, Query()] = None,
    status: Annotated[AgentStatus | None, Query()] = None,
    cursor: Cursor = "",
    limit: Limit = DEFAULT_LIMIT,
) -> Page[RegisteredAgent]:
    """List agents in the order of their ids."""
    return await exchange.registry.page(capability=capability, status=status, after=cursor, limit=limit)


@router.get("/agents/{agent_id}", responses=PROBLEMS | MISSING, dependencies=[Reading])
async def get(agent_id: AgentPath, exchange: ExchangeDep) -> RegisteredAgent:
    """Return one agent."""
    return await exchange.registry.get(agent_id)


@router.post("/agents/{agent_id}/heartbeat", responses=PROBLEMS | MISSING)
async def heartbeat(
    agent_id: AgentPath, beat: Heartbeat, identity: Registering, exchange: ExchangeDep
) -> RegisteredAgent:
    """Give a sign of life. 404 means: register again."""
    return await exchange.registry.heartbeat(agent_id, beat, identity)


@router.delete("/agents/{agent_id}", status_code=HTTPStatus.NO_CONTENT, responses=PROBLEMS | MISSING)
async def remove(agent_id: AgentPath, identity: Registering, exchange: ExchangeDep, container: ContainerDep) -> None:
    """Take an agent out of the registry."""
    await exchange.registry.remove(agent_id, identity)
    _record(container, identity, f"removed {agent_id}")


@router.get(
    "/exports/agents",
    responses=PROBLEMS,
    response_class=LinesResponse,
    dependencies=[Depends(require(Permission.EXPORT))],
)
async def export(exchange: ExchangeDep) -> LinesResponse:
    """Return all agents, one on each line, while they are read."""
    return lines(exchange.registry.stream())


def _record(container: Container, identity: Identity, outcome: str) -> None:
    container.audit.record(
        AuditEntry(
            action=Permission.REGISTER,
            subject=identity.subject,
            outcome=outcome,
            correlation_id=current_correlation_id(),
        )
    )
