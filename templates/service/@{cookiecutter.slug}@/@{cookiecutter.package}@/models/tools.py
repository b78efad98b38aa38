"""Tools: what others can have this service do."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints

from .registry import AgentStatus, Capability
from .tasks import TASK_ID, IdempotencyKey, QuestionText, TaskRequest


class Arguments(BaseModel):
    """What a tool is called with; every field says what it is."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class AskArguments(Arguments):
    """Of ``answer.text``."""

    question: QuestionText


class FindArguments(Arguments):
    """Of ``agents.find``."""

    capability: Capability | None = Field(default=None, description="Only agents that can do this.")
    status: AgentStatus | None = Field(default=None, description="Only agents that stand so.")
    limit: Annotated[int, Field(ge=1, le=50)] = Field(default=20, description="The most of them.")


class SubmitArguments(TaskRequest):
    """Of ``tasks.submit``."""

    idempotency_key: IdempotencyKey | None = Field(
        default=None, description="Of the caller's own: the same one never makes a second task."
    )


class TaskArguments(Arguments):
    """Of ``tasks.get``."""

    task_id: Annotated[str, StringConstraints(pattern=TASK_ID)] = Field(description="What tasks.submit returned.")


class ToolDescription(BaseModel):
    """A tool, as models read about it."""

    model_config = ConfigDict(frozen=True)

    name: str
    description: str
    parameters: dict[str, JsonValue] = Field(description="What it takes, as a JSON Schema.")


class ToolCall(BaseModel):
    """A call."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    arguments: dict[str, JsonValue] = Field(default={}, examples=[{"question": "When is the help desk open?"}])


class ToolResult(BaseModel):
    """What a tool returned."""

    model_config = ConfigDict(frozen=True)

    tool: str
    result: JsonValue
