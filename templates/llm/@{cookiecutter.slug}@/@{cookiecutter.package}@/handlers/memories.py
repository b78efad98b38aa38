"""What the agent remembers of a caller over all conversations: told, and forgotten."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from ..models.identity import Identity, Permission
from ..models.memory import MEMORY_ID, MemoryList
from ..models.problem import Problem
from ..services.memories import build_memories
from .security import ContainerDep, authenticated, require
from .sessions import record

router = APIRouter(prefix="/v1/memories", tags=["memories"], dependencies=[Depends(authenticated)])

PROBLEMS: dict[int | str, dict[str, object]] = {status: {"model": Problem} for status in (401, 403, 422, 429, 503)}
Caller = Annotated[Identity, Depends(require(Permission.ASK))]


@router.get("", responses=PROBLEMS)
async def find(identity: Caller, container: ContainerDep) -> MemoryList:
    """List what the agent remembers of the caller, newest first."""
    return MemoryList(items=tuple(await build_memories(container.resources).of(identity.subject)))


@router.delete("", status_code=204, responses=PROBLEMS)
async def clear(identity: Caller, container: ContainerDep) -> None:
    """Forget everything of the caller; when there is nothing, that is no error."""
    deleted = await build_memories(container.resources).forget(identity.subject)
    record(container, identity, "memories:clear", f"deleted: {deleted} memories")


@router.delete("/{memory_id}", status_code=204, responses=PROBLEMS)
async def forget(memory_id: Annotated[str, Path(pattern=MEMORY_ID)], identity: Caller, container: ContainerDep) -> None:
    """Forget one thing of the caller; one that is not there is no error."""
    deleted = await build_memories(container.resources).forget(identity.subject, memory_id)
    record(container, identity, "memories:forget", f"deleted: {deleted} memories")
