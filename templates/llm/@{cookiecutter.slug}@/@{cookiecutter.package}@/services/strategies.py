"""How the tools that a model is offered are chosen."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from cachetools import TTLCache

from ..config.agent_limits import AgentLimits
from ..interfaces.observer import Observer
from ..interfaces.strategy import ToolStrategy
from ..interfaces.tool import Capability, Tool
from ..models.events import Event, ToolCalled
from .observers import Observers

WEIGHT_OF_NEWEST = 0.2
FORGOTTEN_AFTER_SECONDS = 300.0
"""A tool that failed gets another chance after that long."""

TASKS: tuple[tuple[re.Pattern[str], Capability], ...] = (
    (re.compile(r"\b(remember|keep in mind|(do not|don't) forget)\b", re.I), Capability.KEEP),
    (re.compile(r"\b(which|what|list|all) (documents?|topics?|pages?)\b|\boverview\b", re.I), Capability.OVERVIEW),
    (re.compile(r"\b(whole|entire|full) \w*\s?(document|page|text|policy)\b|\bread\b", re.I), Capability.READ),
)


class ContextStrategy(ToolStrategy):
    """Puts the tools first that are good for what the question asks for.

    Args:
        most: Tools that are offered at most.
    """

    def __init__(self, most: int) -> None:
        self._most = most

    def choose(self, tools: Sequence[Tool], question: str) -> tuple[Tool, ...]:
        """Return the fitting tools, then the others."""
        wanted = next((capability for pattern, capability in TASKS if pattern.search(question)), Capability.FIND)
        fitting = sorted(tools, key=lambda tool: wanted not in tool.capabilities)
        return tuple(fitting[: self._most])


@dataclass(frozen=True)
class _Record:
    success: float = 1.0
    seconds: float = 0.0

    def then(self, *, succeeded: bool, seconds: float) -> "_Record":
        return _Record(
            self.success + WEIGHT_OF_NEWEST * (succeeded - self.success),
            self.seconds + WEIGHT_OF_NEWEST * (seconds - self.seconds),
        )


class PerformanceStrategy(ToolStrategy, Observer):
    """Puts the tools first that lately worked, the quicker ones before the slower ones.

    Args:
        most: Tools that are offered at most.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._records: TTLCache[str, _Record] = TTLCache(maxsize=1_000, ttl=FORGOTTEN_AFTER_SECONDS)

    def notify(self, event: Event) -> None:
        """Learn from a call of a tool; wrong arguments are the model's fault, not the tool's."""
        if isinstance(event, ToolCalled) and event.outcome in {"ok", "timeout", "failed"}:
            record = self._record(event.tool)
            self._records[event.tool] = record.then(succeeded=event.outcome == "ok", seconds=event.seconds)

    def choose(self, tools: Sequence[Tool], question: str) -> tuple[Tool, ...]:  # noqa: ARG002
        """Return the tools by their record, best first."""
        return tuple(sorted(tools, key=lambda tool: self._rank(tool.name))[: self._most])

    def _rank(self, name: str) -> tuple[float, float]:
        record = self._record(name)
        return -round(record.success, 1), record.seconds  # a little less success does not outweigh being quick

    def _record(self, name: str) -> _Record:
        return self._records.get(name) or _Record()


def build_strategy(limits: AgentLimits, observers: Observers) -> ToolStrategy:
    """Return the strategy that the environment asks for, looking on where it has to."""
    if limits.tool_strategy == "context":
        return ContextStrategy(limits.max_tools)
    strategy = PerformanceStrategy(limits.max_tools)
    observers.add(strategy)
    return strategy
