"""What goes out: only what the agent's schema declares as public, and only when it fits."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ...config.agent_config import SchemaConfig
from ...exceptions import OutputError
from ...services.output import OutputSchema

SCHEMA = OutputSchema(
    SchemaConfig.model_validate(
        {
            "schema_id": "answer",
            "fields": [
                {"field_name": "text", "field_type": "str", "constraints": {"min_length": 1, "max_length": 20}},
                {"field_name": "score", "field_type": "int", "constraints": {"ge": 0, "le": 10}},
                {"field_name": "inside", "field_type": "str", "metadata": {"hidden": True}},
            ],
        }
    )
)


FITTING, ANY = (st.text(min_size=1, max_size=20), st.integers(0, 10)), (st.text(max_size=40), st.integers(-50, 50))
UNDECLARED = st.dictionaries(st.text(), st.text(), max_size=3)


@given(*FITTING, st.text(), UNDECLARED)
def test_only_declared_public_fields_leave(text: str, score: int, inside: str, more: dict[str, str]) -> None:
    public = SCHEMA.public({**more, "text": text, "score": score, "inside": inside})
    assert public == {"text": text, "score": score}


@given(*ANY)
def test_what_does_not_fit_is_not_quoted(text: str, score: int) -> None:
    assume(not (1 <= len(text) <= 20 and 0 <= score <= 10))
    with pytest.raises(OutputError) as caught:
        SCHEMA.public({"text": text, "score": score, "inside": "a secret"})
    assert "a secret" not in str(caught.value)
