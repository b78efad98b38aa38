"""The plan of a project: steps that build on each other."""

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from .team import MemberName, TeamRole

MOST_STEPS = 12
"""Of a plan that somebody makes."""
MOST_STEPS_OF_ALL = 60
"""Of a project, with the plans of the teams within the team."""
PLANNING = "plan"
"""The id of making the plan of the whole."""

StepId = Annotated[
    str, StringConstraints(max_length=128, pattern=r"^[a-z][a-z0-9-]{0,39}(\.[a-z][a-z0-9-]{0,39}){0,3}$")
]
"""Such as ``research-1``, or ``inquiry.research-1`` for a step of the team that does the step ``inquiry``."""


class PlanStep(BaseModel):
    """One step: a task for one member, or for a team."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: StepId
    role: MemberName = Field(description="Who does it: the role of an agent, or the name of a team.")
    task: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4_500)]
    depends_on: tuple[StepId, ...] = Field(default=(), description="The steps whose results it builds on.")
    needs: Literal["all", "any"] = Field(
        default="all", description="Whether it is skipped when one of them is missing, or does with what is there."
    )
    parent: StepId | None = Field(default=None, description="The step that it is a part of, when a team does that one.")


class Plan(BaseModel):
    """All steps; a step only builds on others of the plan, and never, however indirectly, on itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    steps: tuple[PlanStep, ...] = Field(min_length=1, max_length=MOST_STEPS_OF_ALL)

    def __iter__(self) -> Iterator[PlanStep]:  # type: ignore[override]  # a plan is its steps, not pairs of its fields
        return iter(self.steps)

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        ids = [step.id for step in self.steps]
        if doubled := sorted({name for name in ids if ids.count(name) > 1}):
            message = f"there are several steps of the id {', '.join(doubled)}"
            raise ValueError(message)
        parents = {step.parent for step in self.steps if step.parent}
        if strange := sorted(({name for step in self.steps for name in step.depends_on} | parents) - set(ids)):
            message = f"steps depend on {', '.join(strange)}, which the plan does not have"
            raise ValueError(message)
        if planning := [step.id for step in self.steps if step.role == TeamRole.COORDINATION or step.id == PLANNING]:
            message = f"{', '.join(planning)}: a plan has no steps for the coordination, and none of the id {PLANNING}"
            raise ValueError(message)
        self._refuse_circles()
        return self

    def _refuse_circles(self) -> None:
        try:
            TopologicalSorter({step.id: step.depends_on for step in self.steps}).prepare()
        except CycleError as error:
            message = f"steps wait for each other: {' → '.join(error.args[1])}"
            raise ValueError(message) from error

    def parts_of(self, step_id: StepId | None) -> tuple[PlanStep, ...]:
        """Return the steps of the team that does a step; those of the whole for ``None``."""
        return tuple(step for step in self.steps if step.parent == step_id)

    def divided(self, step: PlanStep, parts: "Plan") -> "Plan":
        """Return the plan with the parts that the team of a step divided it into, right behind the step.

        Parts that build on nothing build on what the step builds on.

        Raises:
            ValueError: The plan would have too many steps.
        """
        steps: list[PlanStep] = []
        for one in self.steps:
            steps.append(one)
            if one.id == step.id:
                steps += (_part(step, part) for part in parts)
        return Plan(steps=tuple(steps))


def _part(step: PlanStep, part: PlanStep) -> PlanStep:
    inside = {
        "depends_on": tuple(f"{step.id}.{name}" for name in part.depends_on) or step.depends_on,
        "needs": part.needs if part.depends_on else step.needs,
    }
    return PlanStep.model_validate(part.model_dump() | inside | {"id": f"{step.id}.{part.id}", "parent": step.id})
