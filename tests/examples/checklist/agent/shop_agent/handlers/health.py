"""Health and metrics."""

from fastapi import APIRouter, Request, Response
from prometheus_client import generate_latest

router = APIRouter()


@router.get("/health/live")
async def live() -> dict[str, str]:
    """Answer as long as the process runs."""
    return {"status": "ok"}


@router.get("/health/ready")
async def ready(request: Request, response: Response) -> dict[str, bool]:
    """Tell whether to send work here."""
    healthy = request.app.state.service.is_ready()
    if not healthy:
        response.status_code = 503
    return {"ready": healthy}


@router.get("/metrics")
async def metrics() -> Response:
    """Show what was measured."""
    return Response(generate_latest())
