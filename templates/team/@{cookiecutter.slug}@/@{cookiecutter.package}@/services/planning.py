"""The plan that is followed when the coordination makes none."""

from ..models.plan import Plan, PlanStep
from ..models.team import TeamRole


def default_plan(goal: str) -> Plan:
    """Return the usual plan: look it up, analyse it, write it down."""
    return Plan(
        steps=(
            PlanStep(id="research", role=TeamRole.RESEARCH, task=goal),
            PlanStep(id="analysis", role=TeamRole.ANALYSIS, task=goal, depends_on=("research",)),
            PlanStep(id="report", role=TeamRole.WRITING, task=goal, depends_on=("analysis",)),
        )
    )
