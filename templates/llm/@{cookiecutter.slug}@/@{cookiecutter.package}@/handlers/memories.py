"""What the agent remembers of a caller over all conversations: told, and forgotten."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from ..models.identity import Identity, Permission
from ..models.memory import MEMORY_ID, MemoryList
from ..models.problem import Problem
from ..services.container import Container
from .security import ContainerDep, authenticated, require
from .sessions import record
from .streaming import streaming_agent

router = APIRouter(prefix="/v1/memories", tags=["memories"], dependencies=[Depends(authenticated)])

PROBLEMS: dict[int | str, dict[str, object]] = {status: {"model": Problem} for status in (401, 403, 422, 429, 503)}
Caller = Annotated[Identity, Depends(require(Permission.ASK))]


@router.get("", responses=PROBLEMS)
async def find(identity: Caller, container: ContainerDep) -> MemoryList:
    """List what the agent remembers of the caller, newest first."""
    memories = streaming_agent(container).memories
    return MemoryList(items=tuple(await memories.of(identity.subject)) if memories else ())


@router.delete("", status_code=204, responses=PROBLEMS)
async def clear(identity: Caller, container: ContainerDep) -> None:
    """Forget everything of the caller; when there is nothing, that is no error."""
    await _forget(container, identity, "memories:clear")


@router.delete("/{memory_id}", status_code=204, responses=PROBLEMS)
async def forget(memory_id: Annotated[str, Path(pattern=MEMORY_ID)], identity: Caller, container: ContainerDep) -> None:
    """Forget one thing of the caller; one that is not there is no error."""
    await _forget(container, identity, "memories:forget", memory_id)


async def _forget(container: Container, identity: Identity, action: str, memory_id: str | None = None) -> None:
    memories = streaming_agent(container).memories
    deleted = await memories.forget(identity.subject, memory_id) if memories else 0
    record(container, identity, action, f"deleted: {deleted} memories")
