"""What can be done next, what cannot be done any more, and how it ended: pure functions of a plan and its state."""

from collections.abc import Iterable, Mapping, Sequence

from ..models.messages import StepInput, StepResult
from ..models.plan import Plan, PlanStep, StepId
from ..models.project import DONE, OVER, Missing, Project, ProjectAnswer, ProjectStatus, StepState, StepStatus
from ..models.team import MemberName

NOTHING_DONE = "No part of the project could be done."
NOTHING_DONE_BY_TEAM = "its team could do no part of it"


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


def gathered(project: Project) -> dict[StepId, StepState]:
    """Return what has come of the divided steps all of whose parts are over."""
    plan = project.plan or ()
    return {
        step.id: _gathered(project, step)
        for step in plan
        if project.state(step.id).status is StepStatus.DIVIDED
        and all(project.state(part.id).status in OVER for part in _parts(project, step.id))
    }


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
    """Return how a project ended on whose steps nobody works any more."""
    if any(state.status is StepStatus.ASKING for state in project.steps.values()):
        return ProjectStatus.WAITING
    statuses = {project.state(step.id).status for step in project.plan or ()}
    if statuses <= {StepStatus.COMPLETED}:
        return ProjectStatus.COMPLETED
    return ProjectStatus.PARTIAL if statuses & DONE else ProjectStatus.FAILED


def answer(project: Project) -> ProjectAnswer:
    """Return the results that no later step has taken up, and what is missing."""
    result = _came_to(project, None)
    return ProjectAnswer(
        text=result.text or NOTHING_DONE, sources=result.sources, missing=tuple(_missing(project, project.plan or ()))
    )


def heaviest_chain(plan: Plan, step: PlanStep, weights: Mapping[MemberName, int]) -> int:
    """Return the weight of the step and of what follows on it, along the heaviest way to an end."""
    followed = {step.id, *_wholes(plan, step)}
    after = [heaviest_chain(plan, other, weights) for other in plan if followed & set(other.depends_on)]
    return weights[step.role] + max(after, default=0)


def _wholes(plan: Plan, step: PlanStep) -> Iterable[StepId]:
    """Return the steps that the step is a part of."""
    parents = {other.id: other.parent for other in plan}
    above = step.parent
    while above is not None:
        yield above
        above = parents[above]


def _parts(project: Project, step_id: StepId | None) -> tuple[PlanStep, ...]:
    return project.plan.parts_of(step_id) if project.plan else ()


def _came_to(project: Project, step_id: StepId | None) -> StepResult:
    """Return the results of the parts of a step, or of the whole, that no later part has taken up."""
    done = [part for part in _parts(project, step_id) if project.state(part.id).status in DONE]
    taken_up = {name for part in done for name in part.depends_on}
    results = [project.state(part.id).result for part in done if part.id not in taken_up]
    kept = [result for result in results if result is not None]
    return StepResult(
        text="\n\n".join(result.text for result in kept),
        sources=tuple(dict.fromkeys(source for result in kept for source in result.sources)),
    )


def _gathered(project: Project, step: PlanStep) -> StepState:
    before = project.state(step.id)
    parts = [(part.id, project.state(part.id).status) for part in _parts(project, step.id)]
    if not any(status in DONE for _, status in parts):
        return StepState(status=StepStatus.FAILED, why=NOTHING_DONE_BY_TEAM, spent=before.spent)
    lacking = [name for name, status in parts if status is not StepStatus.COMPLETED]
    lacking += missing_inputs(project, step)
    return StepState(
        status=StepStatus.DEGRADED if lacking else StepStatus.COMPLETED,
        result=_came_to(project, step.id),
        why=without(lacking),
        spent=before.spent,
    )


def without(lacking: Sequence[StepId]) -> str:
    """Say what a step had to do without, or nothing."""
    return f"without all of {', '.join(lacking)}" if lacking else ""


def _hopeless(project: Project, step: PlanStep) -> str:
    """Return why a step cannot be done any more, or nothing."""
    lost = [name for name in step.depends_on if project.state(name).status in OVER - DONE]
    too_many = lost if step.needs == "all" else lost == list(step.depends_on) and lost
    return f"it builds on {', '.join(lost)}" if too_many else ""


def _missing(project: Project, plan: Iterable[PlanStep]) -> Iterable[Missing]:
    for step in plan:
        state = project.state(step.id)
        if state.status not in DONE and not _parts(project, step.id):  # its parts say more
            yield Missing(step_id=step.id, role=step.role, why=state.why or state.status)
