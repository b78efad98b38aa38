"""Whatever happens to a task, in whatever order, from whomever: its state makes sense."""

from dataclasses import astuple
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ...models.task_state import TaskState
from ...models.tasks import TaskStatus

START = datetime(2026, 1, 1, tzinfo=UTC)
DELIVERIES = st.builds("{}#{}".format, st.sampled_from("ab"), st.integers(1, 3))
HAPPENINGS = st.lists(
    st.tuples(st.sampled_from(["claimed", "succeeded", "postponed", "failed", "abandoned", "revived"]), DELIVERIES),
    max_size=20,
)


def happen(state: TaskState, what: str, delivery: str, now: datetime) -> TaskState | None:
    later = now + timedelta(seconds=5)
    match what:
        case "claimed":
            return state.claimed(delivery, now, later)
        case "succeeded":
            return state.succeeded()
        case "postponed":
            return state.postponed(delivery, "x", later)
        case "failed":
            return state.failed(delivery, "x")
        case "abandoned":
            return state.abandoned(later)
        case _:
            return state.revived(later)


@given(HAPPENINGS, st.integers(0, 3))
def test_it_only_goes_on_as_it_may(happenings: list[tuple[str, str]], seconds: int) -> None:
    state, now = TaskState.submitted(START), START
    for what, delivery in happenings:
        now += timedelta(seconds=seconds)
        before, following = astuple(state), happen(state, what, delivery, now)
        assert astuple(state) == before  # nothing ever changes a state
        if following is None:
            continue
        assert not state.status.final or (what, following.status) == ("revived", TaskStatus.QUEUED)
        if what == "postponed":
            assert state.held_by == delivery  # nobody puts off what another one works on
        if what == "claimed":
            assert following.attempts == state.attempts + 1
            abandoned = state.due_at < now or (state.held_by or "")[0:1] == delivery[0:1]
            assert state.status is TaskStatus.QUEUED or abandoned
        assert (following.status is TaskStatus.RUNNING) <= (following.held_by is not None)
        assert (following.status is TaskStatus.SUCCEEDED) <= (following.error is None)
        state = following
