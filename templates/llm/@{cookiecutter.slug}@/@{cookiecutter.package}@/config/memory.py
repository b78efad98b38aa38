"""What is remembered of a user over all conversations: ``config/memory.yaml``, by environment. Nothing by default."""

from typing import Annotated

from pydantic import Field, PositiveInt

from .parts import Part


class MemoryConfig(Part):
    """How much is remembered, and for how long."""

    enabled: bool = Field(default=False, description="Whether the agent remembers what users ask it to.")
    per_user: Annotated[int, Field(ge=1, le=500)] = Field(
        default=50, description="Memories of one user; a further one takes the place of the oldest."
    )
    max_chars: Annotated[int, Field(ge=20, le=2_000)] = Field(default=300, description="Characters of one memory.")
    offered: PositiveInt = Field(default=20, description="The newest memories, which the model gets with a question.")
    keep_days: PositiveInt = Field(default=180, description="Days after which a memory is deleted, unless told again.")
