"""A project: what a client wants done, and how far the team has come."""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from ..utils.tenancy import current_tenant
from .messages import StepResult, new_id
from .pause import Pause
from .plan import Plan, StepId
from .spending import Spending
from .team import MemberName


class ProjectStatus(StrEnum):
    """How a project is doing."""

    RUNNING = "running"
    INTERRUPTED = "interrupted"
    """It was running, and the process that worked on it is gone."""
    WAITING = "waiting"
    """It cannot go on before a person has answered; nobody works on it, and it goes on by itself then."""
    COMPLETED = "completed"
    PARTIAL = "partial"
    """It is over, and the answer says what is missing."""
    FAILED = "failed"
    CANCELLED = "cancelled"


ENDED = frozenset(ProjectStatus) - {ProjectStatus.RUNNING, ProjectStatus.INTERRUPTED, ProjectStatus.WAITING}
"""Nobody works on it any more."""
RESUMABLE = frozenset(ProjectStatus) - {ProjectStatus.RUNNING, ProjectStatus.WAITING, ProjectStatus.COMPLETED}
"""Somebody may ask to go on with it."""


class StepStatus(StrEnum):
    """How a step is doing."""

    WAITING = "waiting"
    RUNNING = "running"
    ASKING = "asking"
    """It waits for a person's answer."""
    DIVIDED = "divided"
    """Its team works on the parts of it."""
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
    pause: Pause | None = Field(default=None, description="Where it stopped to ask a person; it goes on from there.")

    def again(self) -> "StepState":
        """Return the state as the step is taken up again after an interruption or a failure."""
        if self.status in {StepStatus.COMPLETED, StepStatus.ASKING}:
            return self
        begun = self.status not in OVER
        return StepState(pause=self.pause, spent=self.spent) if begun and self.pause else StepState()


class Missing(_Part):
    """A step that the answer has to do without."""

    step_id: StepId
    role: MemberName
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
    tenant: str = Field(default_factory=current_tenant)
    goal: Goal
    correlation_id: str
    status: ProjectStatus = ProjectStatus.RUNNING
    plan: Plan | None = None
    steps: Mapping[StepId, StepState] = {}
    spent: Spending = Spending()
    answer: ProjectAnswer | None = None
    runs: int = Field(default=1, description="How often it was begun or resumed.")
    questions: int = Field(default=0, description="How many a person was asked.")
    cancel_requested: bool = False
    created_at: datetime = Field(default_factory=lambda: datetime.now(UTC))

    def state(self, step_id: StepId) -> StepState:
        """Return how far a step has come."""
        return self.steps.get(step_id, StepState())

    def again(self) -> "Project":
        """Return the project as it is taken up again: what is completed stays so, everything else waits.

        What was done without all that it needed is done again, since what it lacked is tried again.
        """
        return self.having({name: self._again(name, state) for name, state in self.steps.items()}).going_on()

    def going_on(self) -> "Project":
        """Return the project at work, its steps as they are."""
        return self.model_copy(update={"answer": None, "status": ProjectStatus.RUNNING})

    def _again(self, step_id: StepId, state: StepState) -> StepState:
        divided = self.plan is not None and bool(self.plan.parts_of(step_id))
        if divided and state.status is not StepStatus.COMPLETED:
            return StepState(status=StepStatus.DIVIDED, spent=state.spent)
        return state.again()

    def having(self, changes: Mapping[StepId, StepState]) -> "Project":
        """Return the project with other states of these steps."""
        return self.model_copy(update={"steps": {**self.steps, **changes}})


class StepView(_Part):
    """A step, as clients see it."""

    id: StepId
    parent: StepId | None
    role: MemberName
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
    waits_for: tuple[str, ...] = Field(description="The questions, by id, that a person has to answer.")
    runs: int
    created_at: datetime

    @classmethod
    def of(cls, project: Project) -> "ProjectView":
        """Return what a client may see of a project."""
        shared = project.model_dump(include=set(cls.model_fields) - {"steps", "answer", "spent", "waits_for"})
        return cls(
            **shared,
            steps=tuple(
                StepView(**step.model_dump(exclude={"needs"}), **_shown(project.state(step.id)))
                for step in project.plan or ()
            ),
            spent=project.spent,
            answer=project.answer,
            waits_for=tuple(
                state.pause.question_id
                for state in project.steps.values()
                if state.status is StepStatus.ASKING and state.pause
            ),
        )


def _shown(state: StepState) -> dict[str, object]:
    return {"status": state.status, "result": state.result, "why": state.why}
