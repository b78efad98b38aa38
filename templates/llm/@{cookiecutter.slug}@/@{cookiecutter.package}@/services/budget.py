"""The caps of one run: steps, calls of tools, tokens and cost. Its time is bounded around it."""

from ..config.agent_limits import AgentLimits
from ..exceptions.runs import Limit, RunLimitError
from ..models.conversation import Usage


class Budget:
    """What one run has used up, and what it may."""

    def __init__(self, limits: AgentLimits) -> None:
        self._limits = limits
        self.steps = 0
        self.tool_calls = 0
        self.usage = Usage()

    @property
    def last_step(self) -> bool:
        """Whether the step that runs is the last one."""
        return self.steps >= self._limits.max_steps

    def begin_step(self) -> None:
        """Take the next step.

        Raises:
            RunLimitError: Steps, tokens or cost are used up. One step may go over tokens and cost, by no more than its
                own prompt and the model's ``max_tokens``.
        """
        if self.steps >= self._limits.max_steps:
            raise RunLimitError(Limit.STEPS)
        if self.usage.tokens >= self._limits.max_run_tokens:
            raise RunLimitError(Limit.TOKENS)
        if self.usage.cost is not None and self.usage.cost >= self._limits.max_run_cost:
            raise RunLimitError(Limit.COST)
        self.steps += 1

    def spend(self, usage: Usage) -> None:
        """Note what a step used up."""
        self.usage += usage

    def take_tool_calls(self, count: int) -> None:
        """Use so many tools.

        Raises:
            RunLimitError: That is more than are left.
        """
        if self.tool_calls + count > self._limits.max_tool_calls:
            raise RunLimitError(Limit.TOOL_CALLS)
        self.tool_calls += count
