"""What Prometheus may know about the team."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from ..models.project import ENDED, OVER, ProjectStatus
from ..models.questions import SETTLED
from ..models.team import TeamRole

SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0)
WAITS = (10.0, 60.0, 300.0, 1_800.0, 3_600.0, 14_400.0, 43_200.0, 86_400.0, 259_200.0)


class TeamMetrics:
    """The team's metrics, in the service's registry. What alerts ask for is there from the start, as zero."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.steps = Counter(
            "agent_team_steps", "Steps of projects, by agent and outcome.", ["agent", "outcome"], registry=registry
        )
        self.step_duration = Histogram(
            "agent_team_step_duration_seconds", "Time of a step.", ["agent"], buckets=SECONDS, registry=registry
        )
        self.messages = Counter("agent_team_messages", "Messages between agents.", ["kind"], registry=registry)
        self.projects = Counter("agent_projects", "Runs of projects, by outcome.", ["outcome"], registry=registry)
        self.project_duration = Histogram(
            "agent_project_duration_seconds",
            "Time of a run of a project.",
            ["outcome"],
            buckets=SECONDS,
            registry=registry,
        )
        self.projects_running = Gauge("agent_projects_running", "Projects being worked on.", registry=registry)
        self.budget_used_up = Counter(
            "agent_project_budget_used_up", "Steps that the budget had nothing left for.", ["limit"], registry=registry
        )
        self.questions = Counter(
            "agent_project_questions", "Questions to people, asked and settled.", ["outcome"], registry=registry
        )
        self.question_wait = Histogram(
            "agent_project_question_wait_seconds",
            "Time until a question was settled.",
            buckets=WAITS,
            registry=registry,
        )
        for outcome in ("asked", *sorted(SETTLED)):
            self.questions.labels(outcome)
        for outcome in sorted({*ENDED, ProjectStatus.INTERRUPTED, ProjectStatus.WAITING}):
            self.projects.labels(outcome)
        for agent in TeamRole:
            for status in sorted(OVER):
                self.steps.labels(agent, status)
