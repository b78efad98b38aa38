"""Tasks: questions that are answered later."""

import secrets
import time
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from .answer import Answer, Question

IdempotencyKey = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,128}$")]
QuestionText = Annotated[
    Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4_000)],
    Field(description="The question in plain text.", examples=["What is an agent?"]),
]
TASK_ID = r"^[0-9a-f]{32}$"


class TaskRequest(BaseModel):
    """What shall be answered later."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    question: QuestionText


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
    created_at: AwareDatetime
    updated_at: AwareDatetime
    answer: Answer | None = Field(default=None, description="When it succeeded.")
    error: str | None = Field(default=None, description="What kept its last attempt from succeeding.")


class Change(BaseModel):
    """A task whose status changed."""

    model_config = ConfigDict(frozen=True)

    before: TaskStatus
    task: Task


class Work(Change):
    """A task that a worker has claimed."""

    question: Question
