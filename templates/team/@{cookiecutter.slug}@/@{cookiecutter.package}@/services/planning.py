"""The plan that is followed when a coordination makes none."""

from collections.abc import Sequence

from ..models.plan import MOST_STEPS, Plan, PlanStep
from ..models.team import MemberName


def default_plan(goal: str, members: Sequence[MemberName]) -> Plan:
    """Return the usual plan: one member after the other, each with what the one before came to."""
    names = tuple(members[:MOST_STEPS])
    return Plan(
        steps=tuple(
            PlanStep(id=name, role=name, task=goal, depends_on=names[:number][-1:]) for number, name in enumerate(names)
        )
    )
