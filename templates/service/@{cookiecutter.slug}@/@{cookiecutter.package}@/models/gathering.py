"""One question to several agents at once."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from .answer import Answer
from .registry import AgentId, Capability
from .tasks import QuestionText

MAX_AGENTS = 20
MAX_DEADLINE = 30.0


class GatherRequest(BaseModel):
    """The question, whom to ask, and how long to wait."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    question: QuestionText
    agents: tuple[AgentId, ...] = Field(default=(), max_length=MAX_AGENTS, description="Ask these.")
    capability: Capability | None = Field(default=None, description="Or ask all active agents that can do this.")
    deadline: Annotated[float, Field(gt=0, le=MAX_DEADLINE)] = Field(default=10.0, description="Seconds for all.")
    min_answers: Annotated[int, Field(ge=1, le=MAX_AGENTS)] = Field(
        default=1, description="With fewer answers the request has failed."
    )

    @model_validator(mode="after")
    def _says_whom(self) -> Self:
        if bool(self.agents) == (self.capability is not None):
            message = "give either agents or capability"
            raise ValueError(message)
        return self


class Reply(BaseModel):
    """What one agent said."""

    model_config = ConfigDict(frozen=True)

    agent_id: str
    outcome: Literal["answered", "failed", "timed_out"]
    seconds: float
    answer: Answer | None = None
    error: str | None = None


class Gathered(BaseModel):
    """What all agents said, in the order that they were asked."""

    model_config = ConfigDict(frozen=True)

    complete: bool = Field(description="Whether every agent answered.")
    replies: tuple[Reply, ...]
