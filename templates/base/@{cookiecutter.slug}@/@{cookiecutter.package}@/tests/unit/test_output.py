from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from ...config.agent_config import SchemaConfig
from ...exceptions import ConfigurationError, OutputError
from ...services.output import PLAIN_TYPES, OutputSchema, field_type


def schema(*fields: dict[str, Any]) -> OutputSchema:
    return OutputSchema(SchemaConfig.model_validate({"schema_id": "it", "fields": fields}))


SCORE = {"field_name": "quality_score", "field_type": "int", "constraints": {"ge": 0, "le": 100}}


@given(st.integers())
def test_constraints_hold_for_every_number(number: int) -> None:
    if 0 <= number <= 100:
        assert schema(SCORE).public({"quality_score": number}) == {"quality_score": number}
    else:
        with pytest.raises(OutputError, match="quality_score"):
            schema(SCORE).public({"quality_score": number})


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("str", "a"),
        ("int", 1),
        ("float", 1.5),
        ("bool", True),
        ("dict", {"a": [1]}),
        ("list[str]", ["a"]),
        ("list[int]", [1]),
        ("list[float]", [1.5]),
        ("Literal['a', 'b']", "b"),
    ],
)
def test_every_type_takes_its_values(kind: str, value: JsonValue) -> None:
    assert schema({"field_name": "it", "field_type": kind}).public({"it": value}) == {"it": value}


@pytest.mark.parametrize("kind", [*PLAIN_TYPES, "Literal['a']"])
def test_every_type_refuses_other_values(kind: str) -> None:
    with pytest.raises(OutputError):
        schema({"field_name": "it", "field_type": kind}).public({"it": None})


@pytest.mark.parametrize(
    "kind", ["", "string", "list", "Literal", "Literal[]", "Literal[print()]", "Literal['a", "__import__('os')"]
)
def test_an_unknown_type_is_a_configuration_error(kind: str) -> None:
    with pytest.raises(ConfigurationError, match="field type"):
        field_type(kind)


def test_literals_are_read_and_not_run() -> None:
    assert field_type("Literal['a', 'b']") == Literal["a", "b"]


def test_hidden_and_undeclared_fields_stay_inside() -> None:
    hidden = {"field_name": "note", "field_type": "str", "metadata": {"hidden": True, "category": "internal"}}
    assert schema(SCORE, hidden).public({"quality_score": 1, "note": "psst", "other": 1}) == {"quality_score": 1}


def test_an_optional_field_has_its_default() -> None:
    optional = {"field_name": "mood", "field_type": "str", "required": False, "default": "calm"}
    assert schema(optional).public({}) == {"mood": "calm"}


def test_a_default_outside_of_its_constraints_is_refused() -> None:
    with pytest.raises(OutputError):
        schema(SCORE | {"required": False, "default": 200}).public({})


def test_a_constraint_that_does_not_fit_its_type_is_a_configuration_error() -> None:
    with pytest.raises(ConfigurationError, match="min_length does not fit int"):
        schema({"field_name": "it", "field_type": "int", "constraints": {"min_length": 1}})
