"""The agent's answer, checked against the schema in its configuration."""

import ast
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError, create_model

from ..config.agent_config import FieldConfig, SchemaConfig
from ..exceptions import ConfigurationError, OutputError

PLAIN_TYPES: dict[str, Any] = {
    "str": str,
    "int": int,
    "float": float,
    "bool": bool,
    "dict": dict[str, JsonValue],
    "list[str]": list[str],
    "list[int]": list[int],
    "list[float]": list[float],
}


class OutputSchema:
    """Validates answers, and keeps hidden fields inside.

    Args:
        schema: The declared fields.

    Raises:
        ConfigurationError: A field's type or constraint makes no sense.
    """

    def __init__(self, schema: SchemaConfig) -> None:
        self.required = frozenset(field.field_name for field in schema.fields if field.required)
        self._declared = frozenset(field.field_name for field in schema.fields)
        self._hidden = {field.field_name for field in schema.fields if field.metadata.hidden}
        definitions: dict[str, Any] = {field.field_name: _definition(field) for field in schema.fields}
        self._model: type[BaseModel] = create_model(
            schema.schema_id,
            __config__=ConfigDict(extra="forbid", protected_namespaces=(), validate_default=True),
            **definitions,
        )

    def public(self, values: dict[str, JsonValue]) -> dict[str, JsonValue]:
        """Return the fields that clients may see; values of undeclared fields are dropped.

        Raises:
            OutputError: The values do not fit the schema.
        """
        declared = {name: value for name, value in values.items() if name in self._declared}
        try:
            checked = self._model.model_validate(declared)
        except ValidationError as error:
            fields = ", ".join(".".join(map(str, item["loc"])) for item in error.errors())
            message = f"the answer does not fit its schema: {fields}"
            raise OutputError(message) from error
        return checked.model_dump(mode="json", exclude=self._hidden)


def _definition(field: FieldConfig) -> tuple[Any, Any]:
    constraints = field.constraints.model_dump(exclude_none=True)
    if unfit := set(constraints) - _fitting(field.field_type):
        message = f"field {field.field_name}: {', '.join(sorted(unfit))} does not fit {field.field_type}"
        raise ConfigurationError(message)
    kind = field_type(field.field_type)
    if field.required:
        return kind, Field(description=field.description, **constraints)
    return kind | None, Field(default=field.default, description=field.description, **constraints)


def _fitting(declared: str) -> set[str]:
    """Return the constraints that make sense for a type."""
    if declared in {"int", "float"}:
        return {"ge", "le"}
    return {"min_length", "max_length"} if declared.startswith(("str", "list", "dict")) else set()


def field_type(declared: str) -> Any:  # noqa: ANN401  # a type expression has no narrower type
    """Return the Python type that a configuration names, such as ``list[str]`` or ``Literal['a', 'b']``.

    Raises:
        ConfigurationError: There is no such type.
    """
    if declared in PLAIN_TYPES:
        return PLAIN_TYPES[declared]
    message = f"unknown field type {declared!r}"
    if not (declared.startswith("Literal[") and declared.endswith("]")):
        raise ConfigurationError(message)
    try:
        choices = ast.literal_eval(f"({declared[len('Literal[') : -1]},)")
    except (ValueError, SyntaxError) as error:
        raise ConfigurationError(message) from error
    return Literal[choices]
