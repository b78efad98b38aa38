"""Coordination: divides a goal into steps for the others, and does none of them itself."""

import re

from pydantic import ValidationError

from ...exceptions.projects import PlanError
from ...models.messages import StepResult, TaskAssigned
from ...models.plan import Plan
from ...models.spending import Purse
from ..runner import Outcome
from .member import LlmMember, with_task

CODE_FENCE = re.compile(r"^```\w*\n(.*)\n```$", re.DOTALL)


class CoordinatingAgent(LlmMember):
    """Makes the plan; when it is none, it is told why and may try once more."""

    async def work(self, assignment: TaskAssigned, purse: Purse) -> StepResult:
        """Return the plan as JSON."""
        try:
            return await super().work(assignment, purse)
        except PlanError as error:
            return await super().work(
                with_task(assignment, f"{assignment.task}\nThe plan before was none: {error}"), purse
            )

    def checked(self, assignment: TaskAssigned, text: str, outcome: Outcome) -> StepResult:  # noqa: ARG002
        """Return the plan, if it holds together."""
        fenced = CODE_FENCE.match(text.strip())
        return StepResult(text=read_plan(fenced.group(1) if fenced else text).model_dump_json())


def read_plan(text: str) -> Plan:
    """Return the plan that a JSON text describes.

    Raises:
        PlanError: It describes none; says what is wrong.
    """
    try:
        return Plan.model_validate_json(text)
    except ValidationError as error:
        problems = (f"{'.'.join(map(str, item['loc'])) or 'plan'}: {item['msg']}" for item in error.errors())
        message = "; ".join(problems)[:1_000]
        raise PlanError(message) from error
