"""Coordination: divides a goal into steps for the others, and does none of them itself."""

import re
from collections.abc import Collection

from pydantic import ValidationError

from ...exceptions.projects import PlanError
from ...models.messages import StepResult, TaskAssigned
from ...models.plan import MOST_STEPS, Plan
from ...models.spending import Purse
from ...models.team import MemberName
from ..runner import Outcome
from .member import LlmMember, with_task

CODE_FENCE = re.compile(r"^```\w*\n(.*)\n```$", re.DOTALL)
LONGEST_ID = 30
"""So that the ids of steps of teams within teams stay within what the store takes."""


class CoordinatingAgent(LlmMember):
    """Makes the plan of its team; when it is none, it is told why and may try once more."""

    async def work(self, assignment: TaskAssigned, purse: Purse) -> Plan:
        """Return the plan."""
        try:
            result = await self._result(assignment, purse)
        except PlanError as error:
            mended = with_task(assignment, f"{assignment.task}\nThe plan before was none: {error}")
            result = await self._result(mended, purse)
        return Plan.model_validate_json(result.text)

    def checked(self, assignment: TaskAssigned, text: str, outcome: Outcome) -> StepResult:  # noqa: ARG002
        """Return the plan as JSON, if it holds together."""
        fenced = CODE_FENCE.match(text.strip())
        plan = read_plan(fenced.group(1) if fenced else text, self._config.leads)
        return StepResult(text=plan.model_dump_json())


def read_plan(text: str, members: Collection[MemberName]) -> Plan:
    """Return the plan that a JSON text describes.

    Args:
        text: What the model wrote.
        members: Whom steps can be given to.

    Raises:
        PlanError: It describes none; says what is wrong.
    """
    try:
        plan = Plan.model_validate_json(text)
    except ValidationError as error:
        problems = (f"{'.'.join(map(str, item['loc'])) or 'plan'}: {item['msg']}" for item in error.errors())
        message = "; ".join(problems)[:1_000]
        raise PlanError(message) from error
    if wrong := "; ".join(_problems(plan, members)):
        raise PlanError(wrong[:1_000])
    return plan


def _problems(plan: Plan, members: Collection[MemberName]) -> list[str]:
    found = {
        f"there are more than {MOST_STEPS} steps": len(plan.steps) > MOST_STEPS,
        f"steps can be given to {', '.join(members)} alone": any(step.role not in members for step in plan),
        "a step has no parent": any(step.parent for step in plan),
        f"ids have at most {LONGEST_ID} letters, and no dot": any(
            "." in step.id or len(step.id) > LONGEST_ID for step in plan
        ),
    }
    return [problem for problem, there in found.items() if there]
