"""The tools: which there are, and calling one."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from ..models.identity import Identity, Permission
from ..models.problem import Problem
from ..models.tasks import TOOL_NAME
from ..models.tools import ToolCall, ToolDescription, ToolResult
from ..services.service_tools import Operations
from ..services.tools import ToolCaller
from .exchange import ExchangeDep
from .security import authenticated, require

router = APIRouter(prefix="/v1", tags=["tools"], dependencies=[Depends(authenticated)])

LISTED: dict[int | str, dict[str, object]] = {status: {"model": Problem} for status in (401, 403, 429, 503)}
CALLED: dict[int | str, dict[str, object]] = {
    status: {"model": Problem} for status in (401, 403, 404, 413, 422, 429, 502, 503, 504)
}
Caller = Annotated[Identity, Depends(require(Permission.READ_AGENTS))]  # a tool may need more than that


async def get_tools(exchange: ExchangeDep) -> ToolCaller[Operations]:
    """Return what calls the tools of this service."""
    return exchange.tools


ToolsDep = Annotated[ToolCaller[Operations], Depends(get_tools)]


@router.get("/tools", responses=LISTED)
async def offered(identity: Caller, tools: ToolsDep) -> list[ToolDescription]:
    """List the tools that the caller may call, as models read about them."""
    return tools.offered(identity)


@router.post("/tools/{name}", responses=CALLED)
async def call(
    name: Annotated[str, Path(pattern=TOOL_NAME)], request: ToolCall, identity: Caller, tools: ToolsDep
) -> ToolResult:
    """Call a tool, as far as the caller may do what it does."""
    return await tools.call(name, request.arguments, identity)
