"""What an agent is told of a conversation: whatever was said, it fits, and no more is left out than has to be."""

from hypothesis import given
from hypothesis import strategies as st

from ...models.history import PastTurn
from ...services.history import trim_history

turns = st.lists(st.builds(PastTurn, st.text(max_size=12), st.text(max_size=12)), max_size=12)


@given(said=turns, most=st.integers(0, 14), chars=st.integers(0, 160))
def test_the_newest_whole_turns_that_fit_are_told(said: list[PastTurn], most: int, chars: int) -> None:
    told = trim_history(said, most=most, chars=chars).turns
    assert told == tuple(said[len(said) - len(told) :])
    assert len(told) <= most
    assert sum(turn.chars for turn in told) <= chars
    one_more = said[len(said) - len(told) - 1 :]
    if len(one_more) > len(told):  # there was an older one: it would have been too much
        assert len(one_more) > most or sum(turn.chars for turn in one_more) > chars
