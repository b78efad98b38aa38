import string
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from ...utils.correlation import correlation_id
from ...utils.text import sanitize


def test_control_and_format_characters_go() -> None:
    assert sanitize("a\x00b\x1b[31mc\u202ed\u200be\ud800") == "ab[31mcde"


def test_lines_and_tabs_stay() -> None:
    assert sanitize("one\n\ttwo") == "one\n\ttwo"


@given(st.text(st.characters()))
def test_sanitized_text_can_be_sent_and_stays_as_it_is(text: str) -> None:
    clean = sanitize(text)
    clean.encode()
    assert sanitize(clean) == clean
    assert unicodedata.is_normalized("NFC", clean)


@given(st.text(string.ascii_letters + string.digits + "._-", min_size=1, max_size=64))
def test_a_plain_correlation_id_is_kept(given_id: str) -> None:
    assert correlation_id(given_id) == given_id


@given(st.none() | st.text())
def test_a_correlation_id_is_always_safe_in_a_header(given_id: str | None) -> None:
    result = correlation_id(given_id)
    assert 1 <= len(result) <= 64
    assert result.isascii()
    assert result.isprintable()
    assert " " not in result
