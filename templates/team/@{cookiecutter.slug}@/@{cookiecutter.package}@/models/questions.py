"""Questions of a project to a person."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from .messages import new_id
from .pause import QuestionKind
from .plan import StepId
from .team import MemberName


class QuestionStatus(StrEnum):
    """What became of a question."""

    OPEN = "open"
    ANSWERED = "answered"
    """Or: the leave was given."""
    REFUSED = "refused"
    EXPIRED = "expired"
    """Nobody answered in time."""
    WITHDRAWN = "withdrawn"
    """The project ended without it."""


SETTLED = frozenset(QuestionStatus) - {QuestionStatus.OPEN, QuestionStatus.WITHDRAWN}
"""Somebody, or the deadline, has decided."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Question(_Part):
    """Something that a step needs of a person before it can go on."""

    id: str = Field(default_factory=new_id)
    project_id: str
    step_id: StepId
    role: MemberName = Field(description="Who asks.")
    kind: QuestionKind
    text: str = Field(description="The question, or what the leave is for. A model wrote it.")
    tool: str = Field(default="", description="The tool that needs leave.")
    arguments: str = Field(default="", description="What the tool would be called with, as JSON.")
    status: QuestionStatus = QuestionStatus.OPEN
    answer: str = Field(default="", description="What the person said, or why not.")
    asked_at: datetime = Field(default_factory=lambda: datetime.now(UTC))
    due_at: datetime = Field(description="Until when; after that the project goes on without.")


class AnswerRequest(_Part):
    """A person's answer, or leave."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, max_length=4_000)] = Field(
        default="", description="The answer; with a leave it may be empty.", examples=["The returns policy"]
    )


class RefusalRequest(_Part):
    """A person does not answer, or does not give leave."""

    why: Annotated[str, StringConstraints(strip_whitespace=True, max_length=1_000)] = Field(
        default="", description="For the agent, which goes on without.", examples=["Not this one"]
    )
