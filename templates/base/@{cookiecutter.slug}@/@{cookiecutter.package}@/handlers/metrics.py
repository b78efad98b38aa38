"""What Prometheus scrapes. Like the health routes it carries no token: keep it off the public ingress."""

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST

from .security import ContainerDep

router = APIRouter(tags=["monitoring"])


@router.get("/metrics", response_class=Response)
async def metrics(container: ContainerDep) -> Response:
    """Return all metrics in Prometheus' text format."""
    return Response(container.metrics.exposition(), media_type=CONTENT_TYPE_LATEST)
