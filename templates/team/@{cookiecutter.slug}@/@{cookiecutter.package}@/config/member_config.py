"""The configuration of the team's members: every ``config/agents/*.yaml`` that names an ``agent_type``.

Of each type one version is enabled; to release the next one, add its file and disable the one before.
"""

from collections.abc import Iterator
from pathlib import Path

from pydantic import Field, PositiveInt, ValidationError

from ..exceptions import ConfigurationError
from ..models.team import TeamRole
from .agent_config import AgentConfig
from .files import read_mapping
from .parts import Part


class MemberMetadata(Part):
    """What only the team needs to know."""

    budget_share: PositiveInt = Field(description="How much of a project's budget it gets, compared with the others.")


class MemberConfig(AgentConfig):
    """One version of a member."""

    agent_type: TeamRole
    tools: tuple[str, ...] = Field(default=(), description="The tools that it may use, by name.")
    metadata: MemberMetadata


def load_members(config_dir: Path) -> dict[TeamRole, MemberConfig]:
    """Return the enabled configuration of each role.

    Raises:
        ConfigurationError: One is wrong, a role has none, or has several.
    """
    found: dict[TeamRole, MemberConfig] = {}
    for path, config in _enabled(config_dir / "agents"):
        if config.agent_type in found:
            message = f"{path}: {found[config.agent_type].agent_id} is enabled for {config.agent_type} too"
            raise ConfigurationError(message)
        found[config.agent_type] = config
    if lacking := [role for role in TeamRole if role not in found]:
        message = f"{config_dir / 'agents'}: no configuration is enabled for {', '.join(lacking)}"
        raise ConfigurationError(message)
    return found


def _enabled(folder: Path) -> Iterator[tuple[Path, MemberConfig]]:
    for path in sorted(folder.glob("*.yaml")):
        document = read_mapping(path)
        if "agent_type" not in document:
            continue
        try:
            config = MemberConfig.model_validate(document)
        except ValidationError as error:
            problems = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
            message = f"{path}: {problems}"
            raise ConfigurationError(message) from error
        if config.enabled:
            yield path, config
