"""What the agent remembers of the caller."""

from ..models.memory import MemoryList
from .operation import Call, Operation


def _find_memories() -> Call[MemoryList]:
    """Return everything, newest first."""
    return Call(read=MemoryList.model_validate_json, repeatable=True)


def _forget_memory(memory_id: str) -> Call[None]:
    """Forget one thing; one that is not there is no error."""
    return Call(parts={"memory_id": memory_id}, read=lambda _: None, repeatable=True)


def _forget_all() -> Call[None]:
    """Forget everything."""
    return Call(read=lambda _: None, repeatable=True)


class Memories:
    """Memory over all conversations."""

    find_memories = Operation("GET", "/v1/memories", _find_memories)
    forget_memory = Operation("DELETE", "/v1/memories/{memory_id}", _forget_memory)
    forget_all = Operation("DELETE", "/v1/memories", _forget_all)
