"""Makes the members of the team from their configurations."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from ..config.agent_limits import AgentLimits
from ..config.member_config import MemberConfig
from ..exceptions import ConfigurationError
from ..exceptions.projects import UnknownRoleError
from ..interfaces.member import TeamMember
from ..interfaces.step_journal import StepJournal
from ..models.team import MemberName, TeamRole
from .guard import Guard
from .model_chain import ModelChain
from .observers import Observers
from .token_quotas import TokenQuotas
from .tools import ToolCaller, ToolRegistry


@dataclass(frozen=True, kw_only=True)
class Kit:
    """What members are made from.

    Args:
        limits: The caps of one run.
        observers: Told what happens.
        tools: Returns all tools for a configuration; its member gets those that it names.
        models: Returns the models of a configuration.
        quotas: What the tenant may use of them.
        journal: Where it is kept what steps at work have done.
        remote: Where the tools of servers come and go.
        remote_names: Returns which of them a member may use.
    """

    limits: AgentLimits
    observers: Observers
    tools: Callable[[MemberConfig], ToolRegistry]
    models: Callable[[MemberConfig], ModelChain]
    quotas: TokenQuotas
    journal: StepJournal
    remote: ToolRegistry = field(default_factory=ToolRegistry)
    remote_names: Callable[[MemberName], Collection[str]] = lambda _: ()

    def caller(self, tools: ToolRegistry, guard: Guard) -> ToolCaller:
        """Return what calls a member's tools."""
        limits = self.limits
        return ToolCaller(tools, guard, self.observers, limits.tool_timeout, at_once=limits.tool_concurrency)


MemberBuilder = Callable[[MemberConfig, Kit], TeamMember]
"""A member's class, or a function that makes one."""


class AgentFactory:
    """Knows how the member of each role is made."""

    def __init__(self) -> None:
        self._builders: dict[TeamRole, MemberBuilder] = {}

    def register(self, role: TeamRole, builder: MemberBuilder) -> None:
        """Let ``builder`` make the members of a role.

        Raises:
            ConfigurationError: Somebody else does already.
        """
        if role in self._builders:
            message = f"an agent is registered for {role} already"
            raise ConfigurationError(message)
        self._builders[role] = builder

    def create(self, config: MemberConfig, kit: Kit) -> TeamMember:
        """Return the member that the configuration describes.

        Raises:
            UnknownRoleError: Nobody is registered for its role.
            ConfigurationError: The configuration asks for what cannot be had.
        """
        builder = self._builders.get(config.agent_type)
        if builder is None:
            known = ", ".join(self._builders) or "none"
            message = f"{config.agent_id}: no agent is registered for {config.agent_type}; registered: {known}"
            raise UnknownRoleError(message)
        return builder(config, kit)
