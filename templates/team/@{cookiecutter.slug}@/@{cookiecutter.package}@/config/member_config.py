"""The configuration of the team's members: every ``config/agents/*.yaml`` that names an ``agent_type``.

Of each role, and of the lead of each team within the team, one version is enabled; to release the next one, add its
file and disable the one before.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Self

from pydantic import Field, PositiveInt, ValidationError, model_validator

from ..exceptions import ConfigurationError
from ..models.plan import PLANNING
from ..models.team import MemberName, TeamRole
from .agent_config import AgentConfig
from .files import read_mapping
from .parts import Part


class MemberMetadata(Part):
    """What only the team needs to know."""

    budget_share: PositiveInt = Field(description="How much of a project's budget it gets, compared with the others.")
    needs_approval: tuple[str, ...] = Field(default=(), description="Its tools that need a person's leave each time.")
    team: MemberName | None = Field(default=None, description="The team that it leads, when that is not the whole.")
    members: tuple[MemberName, ...] = Field(
        default=(), description="Whom it may give steps to: roles, and teams by name. Without any: every role."
    )


class MemberConfig(AgentConfig):
    """One version of a member."""

    agent_type: TeamRole
    tools: tuple[str, ...] = Field(default=(), description="The tools that it may use, by name.")
    metadata: MemberMetadata

    @property
    def name(self) -> MemberName:
        """What steps for it are given to: its role, or the team that it leads."""
        return self.metadata.team or self.agent_type

    @property
    def leads(self) -> tuple[MemberName, ...]:
        """Whom it may give steps to; nobody unless it coordinates."""
        if self.agent_type is not TeamRole.COORDINATION:
            return ()
        return self.metadata.members or tuple(role for role in TeamRole if role is not TeamRole.COORDINATION)

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        about = self.metadata
        if self.agent_type is not TeamRole.COORDINATION and (about.team or about.members):
            message = f"only a coordination leads a team, and this is {self.agent_type}"
            raise ValueError(message)
        if about.team in {*TeamRole, PLANNING}:
            message = f"a team cannot have the name {about.team}"
            raise ValueError(message)
        if strange := sorted(set(about.needs_approval) - set(self.tools)):
            message = f"needs_approval names {', '.join(strange)}, which tools does not have"
            raise ValueError(message)
        return self


Members = Mapping[MemberName, MemberConfig]


def load_members(config_dir: Path, levels: int) -> dict[MemberName, MemberConfig]:
    """Return the enabled configuration of each role, and of the lead of each team within the team.

    Args:
        config_dir: Where ``agents/`` lies.
        levels: Teams within teams at most; 1 for a team of agents alone.

    Raises:
        ConfigurationError: One is wrong, a role has none or has several, or the teams do not hold together.
    """
    found: dict[MemberName, MemberConfig] = {}
    for path, config in _enabled(config_dir / "agents"):
        if config.name in found:
            message = f"{path}: {found[config.name].agent_id} is enabled for {config.name} too"
            raise ConfigurationError(message)
        found[config.name] = config
    if lacking := [role for role in TeamRole if role not in found]:
        message = f"{config_dir / 'agents'}: no configuration is enabled for {', '.join(lacking)}"
        raise ConfigurationError(message)
    above = _teams(found, TeamRole.COORDINATION, (), levels)
    if unused := sorted(name for name, config in found.items() if config.metadata.team and name not in above):
        message = f"nobody has the team {', '.join(unused)} among its members"
        raise ConfigurationError(message)
    return found


def _teams(found: Members, name: MemberName, above: tuple[MemberName, ...], levels: int) -> set[MemberName]:
    """Return the teams below one, itself included.

    Raises:
        ConfigurationError: It has a member that there is not, leads itself, or lies too deep.
    """
    lead = found[name]
    if name in above:
        message = f"{lead.agent_id}: the team leads itself: {' → '.join([*above, name])}"
        raise ConfigurationError(message)
    if len(above) >= levels:
        message = f"{lead.agent_id}: no more than {levels} levels of teams are allowed: {' → '.join([*above, name])}"
        raise ConfigurationError(message)
    if strange := sorted({one for one in lead.leads if one not in found or one == TeamRole.COORDINATION}):
        message = f"{lead.agent_id}: there is no member {', '.join(strange)}"
        raise ConfigurationError(message)
    teams = [one for one in lead.leads if found[one].agent_type is TeamRole.COORDINATION]
    return {name}.union(*(_teams(found, one, (*above, name), levels) for one in teams))


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
