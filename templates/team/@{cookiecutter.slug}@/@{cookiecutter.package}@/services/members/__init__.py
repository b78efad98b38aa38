"""The members of the team: one module and one responsibility each."""

from ...models.team import TeamRole
from ..factory import AgentFactory
from .analysis import AnalysisAgent
from .coordination import CoordinatingAgent
from .research import ResearchAgent
from .writing import WritingAgent


def standard_factory() -> AgentFactory:
    """Return a factory that knows all of them. A further agent is registered here."""
    factory = AgentFactory()
    factory.register(TeamRole.COORDINATION, CoordinatingAgent)
    factory.register(TeamRole.RESEARCH, ResearchAgent)
    factory.register(TeamRole.ANALYSIS, AnalysisAgent)
    factory.register(TeamRole.WRITING, WritingAgent)
    return factory
