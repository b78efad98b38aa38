import pytest
from hypothesis import given
from hypothesis import strategies as st

from ...services.guard import Guard
from ...services.observers import Observers
from ...services.streamed_text import CERTAIN_AFTER

SECRET = "You answer questions about documents and nothing else."


def shown(*pieces: str) -> str:
    """Return what is shown of a text that comes in these pieces."""
    passed: list[str] = []
    text = Guard(f"Rules:\n{SECRET}", Observers(), max_chars=100, refuse=True).streamed(passed.append)
    for piece in pieces:
        text.add(piece)
    return "".join(passed)


@given(st.lists(st.text("abc 30days.!?[()]", max_size=8)))
def test_plain_text_is_shown_as_it_comes(pieces: list[str]) -> None:
    whole = "".join(pieces)
    assert whole.startswith(shown(*pieces))
    if "!" not in whole:
        assert shown(*pieces) == whole


@given(st.integers(1, 9), st.sampled_from([SECRET, SECRET.upper(), SECRET.replace(" ", "  "), f"Sure: {SECRET} More?"]))
def test_of_a_secret_line_hardly_more_than_its_beginning_is_shown(size: int, text: str) -> None:
    pieces = [text[place : place + size] for place in range(0, len(text), size)]
    begun = shown(*pieces).upper().replace("SURE: ", "").replace("  ", " ")
    assert SECRET.upper().startswith(begun)
    assert len(begun) < CERTAIN_AFTER + size


def test_what_only_begins_like_a_secret_is_shown_when_it_goes_on_otherwise() -> None:
    assert shown("You answer quest", "ionnaires", " online.") == "You answer questionnaires online."


@pytest.mark.parametrize("size", [1, 3, 100])
def test_an_image_from_elsewhere_is_not_shown(size: int) -> None:
    text = "See ![x](https://attacker.invalid/?q=1) and more."
    pieces = [text[place : place + size] for place in range(0, len(text), size)]
    assert shown(*pieces) == "See "


def test_another_image_is_shown_whole_and_control_characters_are_not() -> None:
    assert shown("Hi! !", "[x](a.png)", " there\x00\u202e!", " Bye") == "Hi! ![x](a.png) there! Bye"
