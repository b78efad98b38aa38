"""The plan of a project: steps that build on each other."""

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from .team import TeamRole

MOST_STEPS = 12

StepId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,39}$")]


class PlanStep(BaseModel):
    """One step: a task for one member."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: StepId
    role: TeamRole = Field(description="Who does it.")
    task: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4_500)]
    depends_on: tuple[StepId, ...] = Field(default=(), description="The steps whose results it builds on.")
    needs: Literal["all", "any"] = Field(
        default="all", description="Whether it is skipped when one of them is missing, or does with what is there."
    )


class Plan(BaseModel):
    """All steps; a step only builds on others of the plan, and never, however indirectly, on itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    steps: tuple[PlanStep, ...] = Field(min_length=1, max_length=MOST_STEPS)

    def __iter__(self) -> Iterator[PlanStep]:  # type: ignore[override]  # a plan is its steps, not pairs of its fields
        return iter(self.steps)

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        ids = [step.id for step in self.steps]
        if doubled := sorted({name for name in ids if ids.count(name) > 1}):
            message = f"there are several steps of the id {', '.join(doubled)}"
            raise ValueError(message)
        if strange := sorted({name for step in self.steps for name in step.depends_on} - set(ids)):
            message = f"steps depend on {', '.join(strange)}, which the plan does not have"
            raise ValueError(message)
        if planning := [step.id for step in self.steps if step.role is TeamRole.COORDINATION]:
            message = f"{', '.join(planning)}: a plan has no steps for the coordination"
            raise ValueError(message)
        self._refuse_circles()
        return self

    def _refuse_circles(self) -> None:
        try:
            TopologicalSorter({step.id: step.depends_on for step in self.steps}).prepare()
        except CycleError as error:
            message = f"steps wait for each other: {' → '.join(error.args[1])}"
            raise ValueError(message) from error
