"""What clients are told while a project goes on. Events are kept, so that a broken stream can be taken up again."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from .pause import QuestionKind
from .plan import Plan, StepId
from .project import ProjectAnswer, ProjectStatus, StepStatus
from .questions import QuestionStatus
from .team import MemberName


class _Event(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class StatusChanged(_Event):
    """The project began, was resumed, was interrupted or ended."""

    event: Literal["status"] = "status"
    status: ProjectStatus


class Planned(_Event):
    """There is a plan, or a team divided a step into parts; the plan is the whole one as it stands then."""

    event: Literal["plan"] = "plan"
    plan: Plan
    by_default: bool = Field(description="Whether the coordination failed, and the usual plan is followed.")
    step_id: StepId | None = Field(default=None, description="The step that was divided into parts.")


class StepChanged(_Event):
    """A step began or is over."""

    event: Literal["step"] = "step"
    step_id: StepId
    role: MemberName
    status: StepStatus
    why: str = ""


class QuestionAsked(_Event):
    """A person has to answer; ``/v1/questions`` says how."""

    event: Literal["question"] = "question"
    question_id: str
    step_id: StepId
    role: MemberName
    kind: QuestionKind
    text: str
    due_at: datetime


class QuestionOver(_Event):
    """A question is answered, refused or expired, and its step goes on."""

    event: Literal["question_over"] = "question_over"
    question_id: str
    status: QuestionStatus


class ProjectAnswered(_Event):
    """The answer, with what is missing in it."""

    event: Literal["answer"] = "answer"
    answer: ProjectAnswer


ProjectEvent = Annotated[
    StatusChanged | Planned | StepChanged | QuestionAsked | QuestionOver | ProjectAnswered,
    Field(discriminator="event"),
]
PROJECT_EVENTS: TypeAdapter[ProjectEvent] = TypeAdapter(ProjectEvent)


class NumberedEvent(BaseModel):
    """An event and its number in the project, from 1."""

    model_config = ConfigDict(frozen=True)

    number: int
    event: ProjectEvent
