"""Health routes: live and ready for the orchestrator, deep for operators."""

from http import HTTPStatus

from fastapi import APIRouter, Depends, Response

from ..models.health import HealthReport
from ..models.identity import Permission
from ..models.problem import Problem
from .security import ContainerDep, require

router = APIRouter(prefix="/health", tags=["health"])

UNHEALTHY: dict[int | str, dict[str, object]] = {503: {"model": HealthReport}}
RESTRICTED: dict[int | str, dict[str, object]] = {401: {"model": Problem}, 403: {"model": Problem}}


@router.get("/live")
async def live() -> HealthReport:
    """Answer as long as the process runs; looks at nothing else."""
    return HealthReport.of({})


@router.get("/ready", responses=UNHEALTHY)
async def ready(container: ContainerDep, response: Response) -> HealthReport:
    """Tell whether to send work here: own dependencies only, never the model."""
    return _with_status(await container.health.ready(), response)


@router.get("/deep", responses=UNHEALTHY | RESTRICTED, dependencies=[Depends(require(Permission.INSPECT))])
async def deep(container: ContainerDep, response: Response) -> HealthReport:
    """Tell whether the agent itself answers, and how memory and disk are."""
    return _with_status(await container.health.deep(), response)


def _with_status(report: HealthReport, response: Response) -> HealthReport:
    if report.status == "unhealthy":
        response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    return report
