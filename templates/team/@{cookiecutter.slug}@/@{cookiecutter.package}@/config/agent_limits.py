"""How this kind of agent runs in one environment."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, PositiveFloat, PositiveInt

from .limits import CommonLimits


class AgentLimits(CommonLimits):
    """``agents.<name>`` in ``config/<environment>.yaml``: what every agent has, and the caps of one run."""

    model_timeout: PositiveFloat = Field(description="Seconds for one call of one model, retries included.")
    max_steps: PositiveInt = Field(description="Calls of the model in one run.")
    max_tool_calls: PositiveInt = Field(description="Calls of tools in one run.")
    max_run_tokens: PositiveInt = Field(description="Tokens after which a run takes no further step.")
    max_run_cost: Annotated[Decimal, Field(gt=0, description="US dollars after which a run takes no further step.")]
    tool_timeout: PositiveFloat = Field(description="Seconds for one call of a tool.")
    tool_concurrency: PositiveInt = Field(default=32, description="Calls of tools at once, of all runs together.")
    max_tool_chars: PositiveInt = Field(description="Characters of a tool's result that the model gets to see.")
    tool_strategy: Literal["context", "performance"] = Field(description="How the tools that are offered are chosen.")
    max_tools: PositiveInt = Field(description="Tools that are offered at once.")
    refuse_suspicious: bool = Field(description="Whether questions that read like an attack are refused.")
    batch_size: PositiveInt = Field(description="Searches that are done together at most.")
    batch_wait: PositiveFloat = Field(description="Seconds that a search waits for others at most.")
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
