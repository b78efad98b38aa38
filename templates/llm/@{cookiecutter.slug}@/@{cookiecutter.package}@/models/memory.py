"""What is remembered of a user."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

MEMORY_ID = r"^[0-9a-f]{32}$"


class _Memory(BaseModel):
    model_config = ConfigDict(frozen=True)


class Memory(_Memory):
    """Something that a user asked the agent to remember."""

    memory_id: str
    text: str
    time: datetime = Field(description="When it was told last.")


class MemoryList(_Memory):
    """Everything that is remembered of a user, newest first."""

    items: tuple[Memory, ...]
