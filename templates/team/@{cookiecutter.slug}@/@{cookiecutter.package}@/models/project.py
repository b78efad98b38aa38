"""A project: what a client wants done, and how far the team has come."""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from .messages import StepResult, new_id
from .plan import Plan, StepId
from .spending import Spending
from .team import TeamRole


class ProjectStatus(StrEnum):
    """How a project is doing."""

    RUNNING = "running"
    INTERRUPTED = "interrupted"
    """It was running, and the process that worked on it is gone."""
    COMPLETED = "completed"
    PARTIAL = "partial"
    """It is over, and the answer says what is missing."""
    FAILED = "failed"
    CANCELLED = "cancelled"


ENDED = frozenset(ProjectStatus) - {ProjectStatus.RUNNING, ProjectStatus.INTERRUPTED}
"""Nobody works on it any more."""


class StepStatus(StrEnum):
    """How a step is doing."""

    WAITING = "waiting"
    RUNNING = "running"
    COMPLETED = "completed"
    DEGRADED = "degraded"
    """It was done without everything that it was to build on."""
    FAILED = "failed"
    SKIPPED = "skipped"
    """What it needed was missing, or the budget was used up."""


DONE = frozenset({StepStatus.COMPLETED, StepStatus.DEGRADED})
OVER = DONE | {StepStatus.FAILED, StepStatus.SKIPPED}

Goal = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4_000)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ProjectRequest(_Part):
    """What a client wants done."""

    goal: Goal = Field(description="In plain text.", examples=["Compare the rules for returns with the warranty"])


class StepState(_Part):
    """How far a step has come. ``why`` says what went wrong."""

    status: StepStatus = StepStatus.WAITING
    result: StepResult | None = None
    why: str = ""
    spent: Spending = Spending()


class Missing(_Part):
    """A step that the answer has to do without."""

    step_id: StepId
    role: TeamRole
    why: str


class ProjectAnswer(_Part):
    """What the team came to."""

    text: str
    sources: tuple[str, ...] = Field(default=(), description="The documents that it builds on.")
    missing: tuple[Missing, ...] = Field(default=(), description="What could not be done.")


class Project(_Part):
    """A project and everything that is known about it."""

    id: str = Field(default_factory=new_id)
    owner: str
    goal: Goal
    correlation_id: str
    status: ProjectStatus = ProjectStatus.RUNNING
    plan: Plan | None = None
    steps: Mapping[StepId, StepState] = {}
    spent: Spending = Spending()
    answer: ProjectAnswer | None = None
    runs: int = Field(default=1, description="How often it was begun or resumed.")
    cancel_requested: bool = False
    created_at: datetime = Field(default_factory=lambda: datetime.now(UTC))

    def state(self, step_id: StepId) -> StepState:
        """Return how far a step has come."""
        return self.steps.get(step_id, StepState())

    def again(self) -> "Project":
        """Return the project as it is taken up again: what is completed stays so, everything else waits.

        What was done without all that it needed is done again, since what it lacked is tried again.
        """
        steps = {
            name: state if state.status is StepStatus.COMPLETED else StepState() for name, state in self.steps.items()
        }
        return self.model_copy(update={"steps": steps, "answer": None, "status": ProjectStatus.RUNNING})

    def having(self, changes: Mapping[StepId, StepState]) -> "Project":
        """Return the project with other states of these steps."""
        return self.model_copy(update={"steps": {**self.steps, **changes}})


class StepView(_Part):
    """A step, as clients see it."""

    id: StepId
    role: TeamRole
    task: str
    depends_on: tuple[StepId, ...]
    status: StepStatus
    result: StepResult | None
    why: str


class ProjectView(_Part):
    """A project, as clients see it."""

    id: str
    goal: Goal
    status: ProjectStatus
    steps: tuple[StepView, ...]
    spent: Spending
    answer: ProjectAnswer | None
    runs: int
    created_at: datetime

    @classmethod
    def of(cls, project: Project) -> "ProjectView":
        """Return what a client may see of a project."""
        shared = project.model_dump(include=set(cls.model_fields) - {"steps", "answer", "spent"})
        return cls(
            **shared,
            steps=tuple(
                StepView(**step.model_dump(exclude={"needs"}), **_shown(project.state(step.id)))
                for step in project.plan or ()
            ),
            spent=project.spent,
            answer=project.answer,
        )


def _shown(state: StepState) -> dict[str, object]:
    return {"status": state.status, "result": state.result, "why": state.why}
