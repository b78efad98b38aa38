"""What all members have in common: a model, tools of their own, and the guard around both."""

from abc import abstractmethod
from collections.abc import Iterable
from decimal import Decimal

from ...config.agent_limits import AgentLimits
from ...config.member_config import MemberConfig
from ...exceptions import ConfigurationError
from ...interfaces.member import TeamMember
from ...models.conversation import Prompt
from ...models.messages import StepResult, TaskAssigned
from ...models.plan import Plan
from ...models.spending import Purse, Spending
from ...models.team import MemberName
from ..answering import CITATION
from ..asking import AskingRunner, Gate
from ..budget import Budget
from ..factory import Kit
from ..guard import Guard
from ..output import OutputSchema
from ..recorded import Recorded
from ..runner import Outcome
from ..strategies import build_strategy
from ..tool_selection import ToolSelection

PRODUCED = frozenset({"result_text", "sources"})
"""The fields that a member can fill."""


class LlmMember(TeamMember):
    """Does its task with a language model that may use the member's tools.

    Args:
        config: What the member is.
        kit: What it is made from.

    Raises:
        ConfigurationError: It names a tool that there is not, or requires a field that members do not fill.
    """

    def __init__(self, config: MemberConfig, kit: Kit) -> None:
        self._config = config
        self._limits = kit.limits
        self._models = kit.models(config)
        self._tools = ToolSelection(
            kit.tools(config), config.tools, config.agent_id, kit.remote, kit.remote_names(config.name)
        )
        self._guard = Guard(
            config.prompt_config.system_prompt,
            kit.observers,
            max_chars=kit.limits.max_tool_chars,
            refuse=kit.limits.refuse_suspicious,
        )
        self._gate = Gate(
            tools=self._tools,
            approvals=config.metadata.needs_approval,
            guard=self._guard,
            caller=kit.caller(self._tools, self._guard),
        )
        self._quotas = kit.quotas
        self._journal = kit.journal
        self._strategy = build_strategy(kit.limits, kit.observers)
        self._schema = OutputSchema(config.schema_config)
        if unknown := self._schema.required - PRODUCED:
            message = f"{config.agent_id}: nobody fills the required fields {', '.join(sorted(unknown))}"
            raise ConfigurationError(message)

    @property
    def name(self) -> MemberName:
        """The configured role, or the team that it leads."""
        return self._config.name

    async def work(self, assignment: TaskAssigned, purse: Purse) -> StepResult | Plan:
        """Let model and tools take turns, and check what they come to."""
        return await self._result(assignment, purse)

    async def _result(self, assignment: TaskAssigned, purse: Purse) -> StepResult:
        limits = allotted(self._limits, purse.allotment.less(purse.spent))
        budget = Budget(limits)
        recorded = await Recorded.of(self._journal, assignment)
        runner = AskingRunner(
            self._models, self._gate, self._strategy, limits, self._quotas, assignment.pause, recorded
        )
        try:
            outcome = await runner.run(self._prompt(assignment), assignment.task, budget)
        finally:
            purse.spent += _spent(budget)
        result = self.checked(assignment, self._guard.answer(outcome.reply.text), outcome)
        self._schema.public({"result_text": result.text, "sources": list(result.sources)})
        return result

    async def close(self) -> None:
        """Close the models' connections."""
        await self._models.close()

    @abstractmethod
    def checked(self, assignment: TaskAssigned, text: str, outcome: Outcome) -> StepResult:
        """Return the result, if the text is one.

        Raises:
            AgentError: It is not; says why.
        """

    def _prompt(self, assignment: TaskAssigned) -> Prompt:
        """Return what the model gets to see: what other members wrote is as untrusted as what clients write."""
        if assignment.pause is not None:
            return Prompt(system=self._config.prompt_config.system_prompt, user=assignment.pause.user)
        parts = [self._guard.question(assignment.task)]
        parts += [self._guard.fenced(given.step_id, given.result.text) for given in assignment.inputs]
        if assignment.missing:
            parts.append(f"Missing, wholly or in part: {', '.join(assignment.missing)}")
        return Prompt(system=self._config.prompt_config.system_prompt, user="\n".join(parts))


def allotted(limits: AgentLimits, left: Spending) -> AgentLimits:
    """Return the caps of a run that has only so much left."""
    return limits.model_copy(
        update={
            "max_steps": min(limits.max_steps, left.steps),
            "max_run_tokens": min(limits.max_run_tokens, left.tokens),
            "max_run_cost": min(limits.max_run_cost, left.cost),
            "timeout": min(limits.timeout, left.seconds),
        }
    )


def cited(text: str, allowed: Iterable[str]) -> tuple[str, ...]:
    """Return the documents that a text cites and may cite, once each."""
    known = set(allowed)
    return tuple(dict.fromkeys(source for source in CITATION.findall(text) if source in known))


def given_sources(assignment: TaskAssigned) -> set[str]:
    """Return the documents that a task's inputs build on."""
    return {source for given in assignment.inputs for source in given.result.sources}


def with_task(assignment: TaskAssigned, task: str) -> TaskAssigned:
    """Return the assignment with other words, from the beginning."""
    return assignment.model_copy(update={"task": task, "pause": None})


def _spent(budget: Budget) -> Spending:
    return Spending(steps=budget.steps, tokens=budget.usage.tokens, cost=budget.usage.cost or Decimal())
