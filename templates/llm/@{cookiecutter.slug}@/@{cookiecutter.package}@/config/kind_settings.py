"""What agents with language models have beside the settings of every agent.

Each has a file of its own in ``config/``, which may be missing.
"""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings

from .files import read_mapping
from .input_judge import InputJudgeConfig
from .llm_config import LlmConfig
from .mcp import McpConfig
from .memory import MemoryConfig
from .model_choice import ModelName, without_default
from .retrieval import RetrievalConfig


class KindSettings(BaseSettings):
    """The settings that only this kind of agent has."""

    mcp: McpConfig = Field(default=McpConfig(), description="Servers of tools; ``config/mcp.yaml``.")
    input_judge: InputJudgeConfig | None = Field(
        default=None, description="A second model that judges questions; ``config/input_judge.yaml``."
    )
    retrieval: RetrievalConfig | None = Field(
        default=None, description="Search by vectors beside the search by words; ``config/retrieval.yaml``."
    )
    memory: MemoryConfig = Field(
        default=MemoryConfig(), description="Memory over all conversations of a user; ``config/memory.yaml``."
    )
    models: Annotated[dict[ModelName, LlmConfig], AfterValidator(without_default)] = Field(
        default={}, description="Models that callers may name beside the default one; ``config/models.yaml``."
    )


def kind_values(folder: Path, environment: str) -> dict[str, object]:
    """Return what the files in ``folder`` say about them."""
    parts = {
        "mcp": environment,
        "input_judge": environment,
        "retrieval": environment,
        "memory": environment,
        "models": "models",
    }
    values = {name: _part(folder / f"{name}.yaml", part) for name, part in parts.items()}
    return {name: value for name, value in values.items() if value}


def _part(path: Path, name: str) -> object:
    return read_mapping(path).get(name) if path.exists() else None
