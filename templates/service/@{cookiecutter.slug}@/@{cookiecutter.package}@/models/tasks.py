"""Tasks: what is done later."""

import secrets
import time
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, StringConstraints, model_validator

from .answer import Answer, Question
from .permissions import Role

IdempotencyKey = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,128}$")]
QuestionText = Annotated[
    Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4_000)],
    Field(description="The question in plain text.", examples=["What is an agent?"]),
]
TASK_ID = r"^[0-9a-f]{32}$"
TOOL_NAME = r"^[a-z]+\.[a-z]+$"
ANSWERING = "answer.text"
"""The tool that a question is for."""


class TaskRequest(BaseModel):
    """What shall be done later: answer a question, or call a tool."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    question: QuestionText | None = Field(
        default=None, description="The question in plain text.", examples=["What is an agent?"]
    )
    tool: Annotated[str, StringConstraints(pattern=TOOL_NAME)] | None = Field(
        default=None, description="Instead of a question: a tool of this service, by name."
    )
    arguments: dict[str, JsonValue] = Field(default={}, description="What the tool takes.")

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        if (self.question is None) == (self.tool is None) or (self.arguments and self.tool is None):
            message = "ask a question, or name a tool with its arguments"
            raise ValueError(message)
        return self


class Order(BaseModel):
    """A call of a tool with arguments that were checked, for somebody who was allowed to make it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tool: str
    arguments: dict[str, JsonValue]
    roles: frozenset[Role] = Field(description="Of who ordered it, at that time.")


def new_task_id() -> str:
    """Return an id that nobody can guess; a later one sorts behind an earlier one."""
    return f"{time.time_ns() // 1_000_000:012x}{secrets.token_hex(10)}"


class TaskStatus(StrEnum):
    """Where a task is; failed means that it was given up."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"

    @property
    def final(self) -> bool:
        """Whether nothing more will happen by itself."""
        return self in {TaskStatus.SUCCEEDED, TaskStatus.FAILED}


class Task(BaseModel):
    """A task and how it stands."""

    model_config = ConfigDict(frozen=True)

    id: str
    status: TaskStatus
    attempts: int = Field(description="How often it was begun.")
    submitted_by: str
    tool: str = Field(default=ANSWERING, description="What it calls; questions are for the default one.")
    created_at: AwareDatetime
    updated_at: AwareDatetime
    answer: Answer | None = Field(default=None, description="When a question succeeded.")
    result: JsonValue = Field(default=None, description="What another tool returned, when it succeeded.")
    error: str | None = Field(default=None, description="What kept its last attempt from succeeding.")


class Change(BaseModel):
    """A task whose status changed."""

    model_config = ConfigDict(frozen=True)

    before: TaskStatus
    task: Task


class Work(Change):
    """A task that a worker has claimed."""

    wanted: Question | Order
