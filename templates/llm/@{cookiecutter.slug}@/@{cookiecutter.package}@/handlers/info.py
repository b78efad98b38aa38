"""What the agent is and can do, for its clients."""

from fastapi import APIRouter, Depends

from .. import SERVICE, __version__
from ..models.answer import MAX_QUESTION_CHARS
from ..models.identity import Permission
from ..models.info import AgentInfo, LimitInfo
from ..models.problem import Problem
from ..services.container import Container
from .security import ContainerDep, require
from .streaming import streaming_agent

router = APIRouter(prefix="/v1", tags=["info"], dependencies=[Depends(require(Permission.ASK))])

PROBLEMS: dict[int | str, dict[str, object]] = {status: {"model": Problem} for status in (401, 403, 429)}


@router.get("/info", responses=PROBLEMS)
async def info(container: ContainerDep) -> AgentInfo:
    """Tell the agent, its version, the models to choose among, its tools and the limits."""
    agent, config = streaming_agent(container), container.agent_config
    return AgentInfo(
        service=SERVICE,
        service_version=__version__,
        agent_id=config.agent_id,
        agent_version=config.version,
        description=config.description,
        models=agent.models,
        tools=agent.tools,
        limits=_limits(container),
    )


def _limits(container: Container) -> LimitInfo:
    settings, limits = container.settings, container.settings.limits
    return LimitInfo(
        requests_per_minute=limits.rate_limit,
        question_characters=MAX_QUESTION_CHARS,
        body_bytes=settings.max_body_bytes,
        seconds=limits.timeout,
        steps=limits.max_steps,
        tool_calls=limits.max_tool_calls,
        tokens=limits.max_run_tokens,
    )
