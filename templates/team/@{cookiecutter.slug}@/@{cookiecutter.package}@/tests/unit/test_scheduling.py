"""Plans and their ends; any plan with any failures: ``tests/property/test_projects.py``."""

from ...models.messages import StepResult
from ...models.plan import Plan, PlanStep
from ...models.project import Project, StepState, StepStatus
from ...services import scheduling
from ..fixtures.team import CHAIN, FORK, WEIGHTS, step

COMPLETED = StepState(status=StepStatus.COMPLETED, result=StepResult(text="done", sources=("returns",)))
FAILED = StepState(status=StepStatus.FAILED, why="it broke")


def project(made: Plan, **states: StepState) -> Project:
    return Project(owner="ann", goal="Find out", correlation_id="c", plan=made, steps=states)


def names(steps: list[PlanStep]) -> list[str]:
    return [one.id for one in steps]


def test_a_step_begins_when_all_before_it_are_over() -> None:
    assert names(scheduling.ready(project(FORK))) == ["a", "b"]
    assert names(scheduling.ready(project(FORK, a=COMPLETED))) == ["b"]
    assert names(scheduling.ready(project(FORK, a=COMPLETED, b=COMPLETED))) == ["c", "d"]


def test_a_failure_skips_what_needs_it_and_degrades_what_can_do_without() -> None:
    broken = project(FORK, a=COMPLETED, b=FAILED)
    assert names(scheduling.ready(broken)) == ["c"]
    assert scheduling.missing_inputs(broken, step("c", "a", "b", needs="any")) == ("b",)
    skipped = scheduling.settled(broken)
    assert {name: state.why for name, state in skipped.items()} == {"d": "it builds on b"}


def test_skipping_goes_all_the_way_down() -> None:
    skipped = scheduling.settled(project(CHAIN, a=FAILED))
    assert {name: state.status for name, state in skipped.items()} == dict.fromkeys("bc", StepStatus.SKIPPED)


def test_nothing_to_build_on_is_too_little_for_any() -> None:
    assert set(scheduling.settled(project(FORK, a=FAILED, b=FAILED))) == {"c", "d"}


def test_inputs_are_the_results_that_are_there() -> None:
    (given_input,) = scheduling.inputs(project(FORK, a=COMPLETED, b=FAILED), FORK.steps[2])
    assert (given_input.step_id, given_input.result.text) == ("a", "done")


def test_the_answer_is_what_no_later_step_took_up_and_names_what_is_missing() -> None:
    whole = scheduling.answer(project(CHAIN, a=COMPLETED, b=COMPLETED, c=COMPLETED))
    assert (whole.text, whole.sources, whole.missing) == ("done", ("returns",), ())
    part = scheduling.answer(project(CHAIN, a=COMPLETED, b=FAILED, c=StepState(status=StepStatus.SKIPPED)))
    assert part.text == "done"
    assert [(one.step_id, one.why) for one in part.missing] == [("b", "it broke"), ("c", "skipped")]
    assert scheduling.answer(project(CHAIN, a=FAILED)).text == scheduling.NOTHING_DONE


def test_the_weight_of_a_chain_is_that_of_its_heaviest_way() -> None:
    assert scheduling.heaviest_chain(CHAIN, CHAIN.steps[0], WEIGHTS) == 3 + 2 + 2
    assert scheduling.heaviest_chain(CHAIN, CHAIN.steps[2], WEIGHTS) == 2
