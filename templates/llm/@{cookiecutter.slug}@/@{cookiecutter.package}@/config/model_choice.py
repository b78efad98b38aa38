"""The models that a caller may choose among: ``config/models.yaml``. None by default."""

from collections.abc import Mapping
from typing import Annotated, TypeVar

from pydantic import StringConstraints

DEFAULT = "default"
"""The model of the agent's configuration."""

ModelName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9.-]{0,39}$")]

Names = TypeVar("Names", bound=Mapping[str, object])


def without_default(models: Names) -> Names:
    """Return the models.

    Raises:
        ValueError: One of them is called as the model of the agent's configuration is.
    """
    if DEFAULT in models:
        message = f"{DEFAULT} is the model of the agent's configuration"
        raise ValueError(message)
    return models
