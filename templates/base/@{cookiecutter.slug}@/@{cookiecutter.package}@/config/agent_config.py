"""The agent's own configuration: ``config/agents/<agent_id>.yaml``.

It says what the agent is (prompt, model, what its answers look like); how it runs is the environment file's part.
A released version does not change: a new one gets a new file.
"""

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, ValidationError, model_validator

from ..exceptions import ConfigurationError
from ..models.fields import Identifier
from .files import read_mapping
from .llm_config import LlmConfig
from .parts import Part


class PromptConfig(Part):
    """What the model is told."""

    system_prompt: str = Field(min_length=1)
    fallback_answer: str = Field(min_length=1, description="The answer when the model cannot be had.")


class FieldMetadata(Part):
    """Where a field of the answer may go."""

    hidden: bool = Field(default=False, description="Whether it never leaves the server.")
    use_in_tts: bool = False
    category: Literal["output", "control", "internal"] = "output"


class FieldConstraints(Part):
    """Bounds of a field of the answer."""

    ge: float | None = None
    le: float | None = None
    min_length: int | None = Field(default=None, ge=0)
    max_length: int | None = Field(default=None, ge=0)


class FieldConfig(Part):
    """One field of the answer."""

    field_name: Identifier
    field_type: str
    description: str = ""
    required: bool = True
    default: str | int | float | bool | None = None
    constraints: FieldConstraints = FieldConstraints()
    metadata: FieldMetadata = FieldMetadata()


class SchemaConfig(Part):
    """What an answer consists of."""

    schema_id: str
    fields: tuple[FieldConfig, ...] = Field(min_length=1)


class AgentConfig(Part):
    """One version of the agent."""

    agent_id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*-v[0-9]+$")
    version: str = Field(pattern=r"^[0-9]+\.[0-9]+\.[0-9]+$")
    description: str = ""
    owner: str = ""
    notes: str = ""
    enabled: bool = True
    released: bool = Field(default=False, description="Whether this version is in use and must stay as it is.")
    prompt_config: PromptConfig
    schema_config: SchemaConfig
    llm_config: LlmConfig

    @model_validator(mode="after")
    def _id_carries_major_version(self) -> Self:
        if self.agent_id.rpartition("-v")[2] != self.version.partition(".")[0]:
            message = f"agent_id {self.agent_id} contradicts version {self.version}"
            raise ValueError(message)
        return self


def load_agent_config(config_dir: Path, name: str) -> AgentConfig:
    """Return the enabled configuration ``config_dir/agents/name.yaml``.

    Raises:
        ConfigurationError: It is missing, wrong or disabled.
    """
    path = config_dir / "agents" / f"{name}.yaml"
    try:
        config = AgentConfig.model_validate(read_mapping(path))
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
        message = f"{path}: {problems}"
        raise ConfigurationError(message) from error
    if not config.enabled:
        message = f"{path}: is disabled"
        raise ConfigurationError(message)
    return config
