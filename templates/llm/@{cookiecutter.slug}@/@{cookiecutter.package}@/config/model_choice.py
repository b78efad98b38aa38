"""The models that a caller may choose among: ``config/models.yaml``. None by default."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints

from ..exceptions import ConfigurationError
from .checked import checked
from .files import read_mapping
from .llm_config import LlmConfig
from .parts import Part

DEFAULT = "default"
"""The model of the agent's configuration."""

ModelName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9.-]{0,39}$")]


class ModelChoice(Part):
    """Models by the names that callers use, each as in an agent's configuration."""

    models: dict[ModelName, LlmConfig] = Field(default={}, description="The models beside the default one.")


def load_model_choice(config_dir: Path) -> dict[str, LlmConfig]:
    """Return the models beside the default one; none when there is no file.

    Raises:
        ConfigurationError: The file is wrong.
    """
    path = config_dir / "models.yaml"
    if not path.exists():
        return {}
    models = checked(ModelChoice, read_mapping(path), str(path)).models
    if DEFAULT in models:
        message = f"{path}: {DEFAULT} is the model of the agent's configuration"
        raise ConfigurationError(message)
    return models
