"""Secrets stay out of records, however their keys are written."""

from hypothesis import given
from hypothesis import strategies as st

from ...utils.logging import REDACTED, SECRET_WORDS, redact

SECRET_KEYS = st.builds(
    lambda before, word, after: before + word + after,
    st.text(max_size=5),
    st.sampled_from(SECRET_WORDS).flatmap(lambda word: st.sampled_from([word, word.upper(), word.title()])),
    st.text(max_size=5),
)
PLAIN_KEYS = st.text(max_size=20).filter(lambda key: not any(word in key.lower() for word in SECRET_WORDS))


@given(secrets=st.dictionaries(SECRET_KEYS, st.text()), others=st.dictionaries(PLAIN_KEYS, st.text()))
def test_values_of_secret_keys_are_hidden_and_others_kept(secrets: dict[str, str], others: dict[str, str]) -> None:
    record = redact(None, "info", {**secrets, **others})
    assert {key: record[key] for key in secrets} == dict.fromkeys(secrets, REDACTED)
    assert {key: record[key] for key in others} == others
