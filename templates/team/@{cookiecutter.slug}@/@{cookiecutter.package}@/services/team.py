"""Builds the team: every part is made here, once, and handed what it needs."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass

from ..config.mcp import McpConfig
from ..config.member_config import Members, load_members
from ..config.secrets import encryption_keys
from ..exceptions import ConfigurationError
from ..interfaces.member import TeamMember
from ..interfaces.memory import MemoryKeeper
from ..interfaces.streaming import StreamingAgent
from ..models.answer import Answer, Question
from ..models.history import NO_HISTORY, History
from ..models.info import ToolInfo
from ..models.streaming import StreamEvent
from ..models.team import TeamRole
from ..utils.encryption import Cipher
from .agent import build_agent, build_shared
from .coordinator import Office
from .desk import Desk
from .factory import Kit
from .guard import Guard
from .members import standard_factory
from .memory_mailbox import MemoryMailbox
from .periodic import Periodic
from .project_rows import ProjectRows
from .project_store import SqlProjectStore
from .projects import Projects
from .question_store import SqlQuestionStore
from .questions import SWEEP_SECONDS, Questions
from .resources import Resources
from .signals import Signals
from .step_journal import SqlStepJournal
from .team_models import member_models
from .team_tools import build_team_tools


@dataclass(frozen=True)
class Team(StreamingAgent):
    """The team: one agent answers plain questions, all of them together work on projects.

    Args:
        answering: Answers questions.
        projects: What they do together.
        questions: What they need of people.
        members: Those who do it.
        periodic: Looks for questions that nobody answered.
    """

    answering: StreamingAgent
    projects: Projects
    questions: Questions
    members: tuple[TeamMember, ...]
    periodic: Periodic

    async def answer(self, question: Question, history: History = NO_HISTORY, *, fresh: bool = False) -> Answer:
        """Return the answering agent's answer."""
        return await self.answering.answer(question, history, fresh=fresh)

    def stream(self, question: Question, history: History = NO_HISTORY) -> AsyncGenerator[StreamEvent, None]:
        """Return the events of the answering agent's answer."""
        return self.answering.stream(question, history)

    @property
    def models(self) -> tuple[str, ...]:
        """The models that callers of the answering agent may choose among."""
        return self.answering.models

    @property
    def tools(self) -> tuple[ToolInfo, ...]:
        """The tools of the answering agent."""
        return self.answering.tools

    @property
    def memories(self) -> MemoryKeeper | None:
        """What the answering agent was asked to remember."""
        return self.answering.memories

    async def dependencies(self) -> Mapping[str, bool]:
        """Return what the answering agent uses beside its model."""
        return await self.answering.dependencies()

    async def open(self) -> None:
        """Let the members take their places."""
        await self.answering.open()
        await self.projects.open()
        self.periodic.start("questions", self.questions.sweep, SWEEP_SECONDS)

    async def close(self) -> None:
        """Interrupt the projects and close every member."""
        await self.projects.close()
        for member in self.members:
            await member.close()
        await self.answering.close()


def build_team(resources: Resources) -> Team:
    """Return the team that the configurations describe, with the limits of the environment.

    Raises:
        ConfigurationError: A configuration asks for what cannot be had.
    """
    settings, limits = resources.settings, resources.settings.limits
    configs = load_members(settings.config_dir, limits.max_team_levels)
    shared = build_shared(resources)
    _check_members_of_servers(settings.mcp, configs)
    rows = ProjectRows(Cipher(encryption_keys(settings)))
    kit = Kit(
        limits=limits,
        observers=shared.observers,
        tools=lambda config: build_team_tools(
            shared.documents, shared.searches, [configs[name] for name in config.leads]
        ),
        models=lambda config: member_models(config, limits, shared.observers),
        quotas=shared.quotas,
        journal=SqlStepJournal(resources.store, rows),
        remote=shared.tools,
        remote_names=settings.mcp.tools_of,
    )
    factory, mailbox = standard_factory(), MemoryMailbox()
    members = tuple(factory.create(config, kit) for config in configs.values())
    office = Office(
        store=SqlProjectStore(resources.store, rows),
        questions=SqlQuestionStore(resources.store, rows),
        mailbox=mailbox,
        audit=resources.audit,
        metrics=resources.metrics,
        signals=Signals(),
        limits=limits,
        quotas=shared.quotas,
        weights={name: config.metadata.budget_share for name, config in configs.items()},
        teams={name: config.leads for name, config in configs.items() if config.leads},
    )
    coordination = configs[TeamRole.COORDINATION].prompt_config.system_prompt
    guard = Guard(coordination, shared.observers, max_chars=limits.max_tool_chars, refuse=limits.refuse_suspicious)
    desks = [Desk(member, mailbox, resources.metrics, limits.max_concurrency) for member in members]
    projects = Projects(office, desks, guard.question)
    return Team(
        answering=build_agent(resources, shared),
        projects=projects,
        questions=Questions(office.questions, projects),
        members=members,
        periodic=resources.periodic,
    )


def _check_members_of_servers(config: McpConfig, members: Members) -> None:
    for name, server in config.servers.items():
        if strange := sorted(set(server.members) - set(members)):
            message = f"mcp.yaml: {name}: there is no member {', '.join(strange)}; there are {', '.join(members)}"
            raise ConfigurationError(message)
