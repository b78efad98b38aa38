"""One run: the model and the tools take turns until there is an answer or a cap is reached."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from ..config.agent_limits import AgentLimits
from ..exceptions.runs import Limit, RunLimitError
from ..interfaces.strategy import ToolStrategy
from ..models.conversation import Prompt, Reply, ToolCall, ToolResult
from .budget import Budget
from .model_chain import ModelChain, TextSink
from .token_quotas import TokenQuotas
from .tools import ToolCaller, ToolRegistry


@dataclass(frozen=True)
class Watcher:
    """Those who see a streamed run: its text, and the tools that it uses."""

    text: TextSink
    on_tool: Callable[[str], None]


@dataclass(frozen=True)
class Outcome:
    """What a run came to: the last reply, and everything that tools said on the way."""

    reply: Reply
    evidence: tuple[ToolResult, ...]


class Runner:
    """Runs the loop.

    Args:
        models: Who is asked.
        registry: The tools that there are.
        caller: Calls them.
        strategy: Chooses which ones are offered.
        limits: The caps of a run.
        quotas: What the tenant may use of models.
    """

    def __init__(  # noqa: PLR0913, PLR0917  # a run's parts
        self,
        models: ModelChain,
        registry: ToolRegistry,
        caller: ToolCaller,
        strategy: ToolStrategy,
        limits: AgentLimits,
        quotas: TokenQuotas,
    ) -> None:
        self._models = models
        self._registry = registry
        self._caller = caller
        self._strategy = strategy
        self._limits = limits
        self._quotas = quotas

    async def run(self, prompt: Prompt, question: str, budget: Budget, watcher: Watcher | None = None) -> Outcome:
        """Return the outcome.

        Args:
            prompt: What the model is told at first; the tools are added here.
            question: What was asked, for the choice of tools.
            budget: Keeps the count.
            watcher: Sees the run while it goes on.

        Raises:
            RunLimitError: A cap was reached before there was an answer.
            QuotaExceededError: The tenant has no tokens left.
            CommunicationError: No model replied.
        """
        await self._quotas.check_quota()
        tools = tuple(tool.described for tool in self._strategy.choose(list(self._registry), question))
        try:
            async with asyncio.timeout(self._limits.timeout):
                return await self._steps(replace(prompt, tools=tools), budget, watcher)
        except TimeoutError as error:
            raise RunLimitError(Limit.TIME) from error
        finally:
            await self._quotas.spend(budget.usage.tokens)

    async def _steps(self, prompt: Prompt, budget: Budget, watcher: Watcher | None) -> Outcome:
        while True:
            budget.begin_step()
            prompt = replace(prompt, answer_now=budget.last_step)
            reply = await self._reply(prompt, watcher)
            budget.spend(reply.usage)
            if not reply.calls:
                return Outcome(reply, tuple(result for turn in prompt.turns for result in turn.results))
            prompt = prompt.after(reply, await self._call_tools(prompt, reply, budget, watcher))

    async def _call_tools(
        self,
        prompt: Prompt,
        reply: Reply,
        budget: Budget,
        watcher: Watcher | None,
    ) -> tuple[ToolResult, ...]:
        budget.take_tool_calls(len(reply.calls))
        if watcher is not None:
            watcher.text.restart()  # text beside calls of tools is no answer
            for call in reply.calls:
                if self._registry.get(call.name) is not None:
                    watcher.on_tool(call.name)
        return tuple(await asyncio.gather(*(self._call(prompt, n, call) for n, call in enumerate(reply.calls))))

    async def _reply(self, prompt: Prompt, watcher: Watcher | None) -> Reply:
        return await self._models.reply(prompt, watcher.text if watcher else None)

    async def _call(self, prompt: Prompt, number: int, call: ToolCall) -> ToolResult:  # noqa: ARG002  # tell one call from another
        return await self._caller.call(call)
