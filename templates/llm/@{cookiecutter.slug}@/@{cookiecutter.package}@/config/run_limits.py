"""How agents with language models run in one environment."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, PositiveFloat, PositiveInt

from .limits import CommonLimits


class RunLimits(CommonLimits):
    """What every agent has, and the caps of one run of models and tools."""

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
