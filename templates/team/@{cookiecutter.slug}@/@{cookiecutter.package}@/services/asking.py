"""Runs that stop where a person has to be asked, and go on there with the answer."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import partial

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..config.agent_limits import AgentLimits
from ..exceptions.projects import PersonNeededError
from ..interfaces.strategy import ToolStrategy
from ..models.conversation import Prompt, Reply, ToolCall, ToolResult
from ..models.pause import Decision, Pause, QuestionKind, Wish
from .budget import Budget
from .guard import Guard
from .model_chain import ModelChain
from .recorded import Recorded
from .runner import Outcome, Runner, Watcher
from .token_quotas import TokenQuotas
from .tools import ToolCaller, ToolRegistry

ASK = "ask_person"
REFUSED = "The person refused."


class AskArguments(BaseModel):
    """What ``ask_person`` takes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    question: str = Field(min_length=1, max_length=1_000, description="One clear question, in plain words.")


@dataclass(frozen=True, kw_only=True)
class Gate:
    """Knows which calls of tools wait for a person.

    Args:
        tools: The tools of the member.
        approvals: Those that need leave.
        guard: Fences what people say.
        caller: Calls the tools.
    """

    tools: ToolRegistry
    approvals: Collection[str]
    guard: Guard
    caller: ToolCaller

    def wish(self, call: ToolCall) -> Wish | None:
        """Return what the call wants of a person; nothing when it can be made, or when it is wrong anyway.

        Raises:
            UnsafeAnswerError: It would give the system prompt away.
        """
        tool = self.tools.get(call.name)
        if tool is None or (call.name != ASK and call.name not in self.approvals):
            return None
        try:
            arguments = tool.arguments.model_validate_json(call.arguments or "{}")
        except ValidationError:
            return None
        if isinstance(arguments, AskArguments):
            return Wish(kind=QuestionKind.QUESTION, text=self.guard.answer(arguments.question))
        text = f"May {call.name} be used? {tool.description}"
        shown = self.guard.answer(arguments.model_dump_json())
        return Wish(kind=QuestionKind.APPROVAL, text=text, tool=call.name, arguments=shown)

    async def made(self, call: ToolCall, decision: Decision) -> ToolResult:
        """Return what comes of a call about which a person has decided."""
        if decision.granted and call.name != ASK:
            return await self.caller.call(call)
        said = decision.text if decision.granted else f"{REFUSED} {decision.text}".strip()
        return ToolResult(call=call, content=self.guard.fenced(call.name, said))


class AskingRunner(Runner):
    """Runs the loop; where a call needs a person it stops before any call of that step is made.

    Args:
        models: Who is asked.
        gate: Knows which calls wait for a person, and the tools.
        strategy: Chooses which tools are offered.
        limits: The caps of a run.
        quotas: What the tenant may use of models.
        pause: Where it stopped before, with what was decided.
        recorded: What it did before a crash, and keeps what it does now.
    """

    def __init__(  # noqa: PLR0913, PLR0917  # a run's parts
        self,
        models: ModelChain,
        gate: Gate,
        strategy: ToolStrategy,
        limits: AgentLimits,
        quotas: TokenQuotas,
        pause: Pause | None,
        recorded: Recorded,
    ) -> None:
        super().__init__(models, gate.tools, gate.caller, strategy, limits, quotas)
        self._gate = gate
        self._pause = pause
        self._recorded = recorded
        self._decisions: Mapping[int, Decision] = {}

    async def _steps(self, prompt: Prompt, budget: Budget, watcher: Watcher | None) -> Outcome:
        if (pause := self._pause) is not None:
            before = replace(prompt, turns=pause.turns)
            self._decisions = pause.decisions
            prompt = before.after(pause.reply, await self._call_tools(before, pause.reply, budget, watcher))
            self._decisions = {}  # later calls may have the same numbers
        return await super()._steps(prompt, budget, watcher)

    async def _call_tools(
        self, prompt: Prompt, reply: Reply, budget: Budget, watcher: Watcher | None
    ) -> tuple[ToolResult, ...]:
        decisions = self._decisions
        for number, call in enumerate(reply.calls):
            if number not in decisions and (wish := self._gate.wish(call)):
                raise PersonNeededError(_pause(prompt, reply, number, wish, decisions))
        free = tuple(call for number, call in enumerate(reply.calls) if number not in decisions)
        results = iter(await super()._call_tools(prompt, replace(reply, calls=free), budget, watcher))
        return tuple(
            [
                await self._made(prompt, number, call, decisions[number]) if number in decisions else next(results)
                for number, call in enumerate(reply.calls)
            ]
        )

    async def _reply(self, prompt: Prompt, watcher: Watcher | None) -> Reply:
        return await self._recorded.reply(prompt, partial(super()._reply, prompt, watcher))

    async def _call(self, prompt: Prompt, number: int, call: ToolCall) -> ToolResult:
        return await self._recorded.result(prompt, str(number), partial(super()._call, prompt, number, call))

    async def _made(self, prompt: Prompt, number: int, call: ToolCall, decision: Decision) -> ToolResult:
        return await self._recorded.result(prompt, f"decided {number}", partial(self._gate.made, call, decision))


def _pause(prompt: Prompt, reply: Reply, call: int, wish: Wish, decisions: Mapping[int, Decision]) -> Pause:
    """Return the pause; the adapters' own forms cannot be kept, and are made anew from the text and the calls."""
    turns = tuple(replace(turn, reply=replace(turn.reply, origin=None)) for turn in prompt.turns)
    kept = replace(reply, origin=None)
    return Pause(user=prompt.user, turns=turns, reply=kept, call=call, wish=wish, decisions=decisions)
