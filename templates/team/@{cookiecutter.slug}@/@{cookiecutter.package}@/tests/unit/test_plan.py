import pytest
from pydantic import ValidationError

from ...models.plan import MOST_STEPS_OF_ALL, Plan
from ...models.team import TeamRole
from ...services.planning import default_plan
from ..fixtures.team import CHAIN, FLAT, plan, step


def test_a_plan_is_its_steps_in_their_order() -> None:
    assert [one.id for one in CHAIN] == ["a", "b", "c"]
    assert Plan.model_validate_json(CHAIN.model_dump_json()) == CHAIN


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ([step("a"), step("a")], "several steps of the id a"),
        ([step("a", "b", "c"), step("c")], "depend on b, which"),
        ([step("a", "b"), step("b", "a")], "wait for each other"),
        ([step("a", "a")], "wait for each other: a → a"),
        ([step("a", role=TeamRole.COORDINATION)], "a: a plan has no steps for the coordination"),
        ([], "at least 1"),
        ([step(f"a{number}") for number in range(MOST_STEPS_OF_ALL + 1)], "at most 60"),
    ],
)
def test_what_does_not_hold_together_is_no_plan(steps: list[object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        plan(*steps)  # type: ignore[arg-type]


WRONG = [{"id": "A b"}, {"role": "Cleaning!"}, {"task": "  "}, {"needs": "some"}, {"more": 1}]


@pytest.mark.parametrize("change", WRONG)
def test_a_wrong_step_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Plan.model_validate({"steps": [{"id": "a", "role": "research", "task": "x"} | change]})


def test_the_usual_plan_looks_up_analyses_and_writes() -> None:
    made = default_plan("Find out", list(FLAT[TeamRole.COORDINATION]))
    assert [one.role for one in made] == [TeamRole.RESEARCH, TeamRole.ANALYSIS, TeamRole.WRITING]
