"""What can be done next, what cannot be done any more, and how it ended: pure functions of a plan and its state."""

from collections.abc import Iterable, Mapping

from ..models.messages import StepInput
from ..models.plan import Plan, PlanStep, StepId
from ..models.project import DONE, OVER, Missing, Project, ProjectAnswer, ProjectStatus, StepState, StepStatus
from ..models.team import TeamRole

NOTHING_DONE = "No part of the project could be done."


def settled(project: Project) -> dict[StepId, StepState]:
    """Return the steps that have to be skipped for what is missing, and those that are skipped because of them."""
    changes: dict[StepId, StepState] = {}
    for _ in project.plan or ():  # a chain is as long as the plan at most
        now = project.having(changes)
        for step in project.plan or ():
            if now.state(step.id).status is StepStatus.WAITING and (why := _hopeless(now, step)):
                changes[step.id] = StepState(status=StepStatus.SKIPPED, why=why)
    return changes


def ready(project: Project) -> list[PlanStep]:
    """Return the steps that can begin, in the plan's order."""
    return [
        step
        for step in project.plan or ()
        if project.state(step.id).status is StepStatus.WAITING
        and all(project.state(name).status in OVER for name in step.depends_on)
        and not _hopeless(project, step)
    ]


def unfinished(project: Project) -> list[PlanStep]:
    """Return the steps that are not over."""
    return [step for step in project.plan or () if project.state(step.id).status not in OVER]


def missing_inputs(project: Project, step: PlanStep) -> tuple[StepId, ...]:
    """Return what the step was to build on and is not, or not wholly, there."""
    return tuple(name for name in step.depends_on if project.state(name).status is not StepStatus.COMPLETED)


def inputs(project: Project, step: PlanStep) -> tuple[StepInput, ...]:
    """Return the results that the step builds on."""
    before = [other for other in project.plan or () if other.id in step.depends_on]
    results = [(other, project.state(other.id).result) for other in before]
    return tuple(StepInput(step_id=other.id, role=other.role, result=result) for other, result in results if result)


def outcome(project: Project) -> ProjectStatus:
    """Return how a project ended, all of whose steps are over."""
    statuses = {project.state(step.id).status for step in project.plan or ()}
    if statuses <= {StepStatus.COMPLETED}:
        return ProjectStatus.COMPLETED
    return ProjectStatus.PARTIAL if statuses & DONE else ProjectStatus.FAILED


def answer(project: Project) -> ProjectAnswer:
    """Return the results that no later step has taken up, and what is missing."""
    plan = project.plan or ()
    done = [step for step in plan if project.state(step.id).status in DONE]
    taken_up = {name for step in done for name in step.depends_on}
    results = [project.state(step.id).result for step in done if step.id not in taken_up]
    kept = [result for result in results if result is not None]
    return ProjectAnswer(
        text="\n\n".join(result.text for result in kept) or NOTHING_DONE,
        sources=tuple(dict.fromkeys(source for result in kept for source in result.sources)),
        missing=tuple(_missing(project, plan)),
    )


def heaviest_chain(plan: Plan, step: PlanStep, weights: Mapping[TeamRole, int]) -> int:
    """Return the weight of the step and of what follows on it, along the heaviest way to an end."""
    after = [heaviest_chain(plan, other, weights) for other in plan if step.id in other.depends_on]
    return weights[step.role] + max(after, default=0)


def _hopeless(project: Project, step: PlanStep) -> str:
    """Return why a step cannot be done any more, or nothing."""
    lost = [name for name in step.depends_on if project.state(name).status in OVER - DONE]
    too_many = lost if step.needs == "all" else lost == list(step.depends_on) and lost
    return f"it builds on {', '.join(lost)}" if too_many else ""


def _missing(project: Project, plan: Iterable[PlanStep]) -> Iterable[Missing]:
    for step in plan:
        state = project.state(step.id)
        if state.status not in DONE:
            yield Missing(step_id=step.id, role=step.role, why=state.why or state.status)
