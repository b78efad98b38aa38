"""How this kind of agent runs in one environment."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, PositiveFloat, PositiveInt

from .run_limits import RunLimits


class AgentLimits(RunLimits):
    """``agents.<name>`` in ``config/<environment>.yaml``: what every agent with language models has, and the team's."""

    max_projects: PositiveInt = Field(description="Projects that one process works on at once; more are turned away.")
    max_parallel_steps: PositiveInt = Field(description="Steps of one project that run at once.")
    project_timeout: PositiveFloat = Field(description="Seconds of work on one project, over all its runs.")
    max_project_steps: PositiveInt = Field(description="Calls of models in one project.")
    max_project_tokens: PositiveInt = Field(description="Tokens after which a project begins nothing further.")
    max_project_cost: Annotated[
        Decimal, Field(gt=0, description="US dollars after which a project begins nothing further.")
    ]
    project_lease: PositiveFloat = Field(description="Seconds until a project of a dead process can be resumed.")
    max_team_levels: PositiveInt = Field(le=4, description="Teams within teams: 1 for a team of agents alone.")
    max_questions: int = Field(ge=0, description="Questions of one project to a person; a step that asks more fails.")
    question_timeout: PositiveFloat = Field(description="Seconds that a question waits for its answer.")
    unanswered: Literal["refuse", "fail"] = Field(
        description="What holds when nobody answers in time: the step goes on as after a refusal, or fails."
    )
