"""Parts of configuration files that are checked when they are read."""

from typing import TypeVar

from pydantic import ValidationError

from ..exceptions import ConfigurationError
from .parts import Part

Kind = TypeVar("Kind", bound=Part)


def checked(kind: type[Kind], values: object, place: str) -> Kind:
    """Return a part of a configuration file.

    Args:
        kind: What it has to be.
        values: What stands there.
        place: Where, for messages.

    Raises:
        ConfigurationError: Names every value that is wrong.
    """
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
        message = f"{place}: {problems}"
        raise ConfigurationError(message) from error
