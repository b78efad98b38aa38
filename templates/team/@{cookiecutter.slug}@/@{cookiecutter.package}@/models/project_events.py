"""What clients are told while a project goes on. Events are kept, so that a broken stream can be taken up again."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from .plan import Plan, StepId
from .project import ProjectAnswer, ProjectStatus, StepStatus
from .team import TeamRole


class _Event(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class StatusChanged(_Event):
    """The project began, was resumed, was interrupted or ended."""

    event: Literal["status"] = "status"
    status: ProjectStatus


class Planned(_Event):
    """There is a plan."""

    event: Literal["plan"] = "plan"
    plan: Plan
    by_default: bool = Field(description="Whether the coordination failed, and the usual plan is followed.")


class StepChanged(_Event):
    """A step began or is over."""

    event: Literal["step"] = "step"
    step_id: StepId
    role: TeamRole
    status: StepStatus
    why: str = ""


class ProjectAnswered(_Event):
    """The answer, with what is missing in it."""

    event: Literal["answer"] = "answer"
    answer: ProjectAnswer


ProjectEvent = Annotated[StatusChanged | Planned | StepChanged | ProjectAnswered, Field(discriminator="event")]
PROJECT_EVENTS: TypeAdapter[ProjectEvent] = TypeAdapter(ProjectEvent)


class NumberedEvent(BaseModel):
    """An event and its number in the project, from 1."""

    model_config = ConfigDict(frozen=True)

    number: int
    event: ProjectEvent
