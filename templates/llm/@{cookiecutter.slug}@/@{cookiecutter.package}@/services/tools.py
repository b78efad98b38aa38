"""The registry of tools: the one place where tools are declared, checked and called."""

import asyncio
import hashlib
import re
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

import structlog
from pydantic import BaseModel, ValidationError

from ..exceptions import AgentError, ConfigurationError, DependencyTimeoutError
from ..interfaces.tool import Capability, Tool
from ..models.conversation import ToolCall, ToolResult
from ..models.events import ToolCalled, ToolOutcome
from .guard import Guard
from .observers import Observers

logger = structlog.get_logger(__name__)

NAME = re.compile(r"[a-z][a-z0-9_]{2,47}")

Arguments = TypeVar("Arguments", bound=BaseModel)
Function = Callable[[Arguments], Awaitable[str]]


class ToolRegistry:
    """Keeps the tools by name."""

    def __init__(self) -> None:
        self._tools: dict[str, Tool] = {}

    def __iter__(self) -> Iterator[Tool]:
        return iter(self._tools.values())

    def __len__(self) -> int:
        return len(self._tools)

    def get(self, name: str) -> Tool | None:
        """Return the tool of that name, or nothing."""
        return self._tools.get(name)

    def add(self, tool: Tool) -> None:
        """Take a tool in.

        Raises:
            ConfigurationError: The name is taken or malformed, or the tool is not described.
        """
        problems = {
            "its name is taken": tool.name in self._tools,
            "its name is malformed": not NAME.fullmatch(tool.name),
            "it has no description": not tool.description,
        }
        _refuse(tool, [problem for problem, there in problems.items() if there])
        self._tools[tool.name] = tool

    def remove(self, name: str) -> None:
        """Take a tool out."""
        self._tools.pop(name, None)

    def tool(
        self, arguments: type[Arguments], *capabilities: Capability
    ) -> Callable[[Function[Arguments]], Function[Arguments]]:
        """Return a decorator that registers a function; its docstring is what the model reads about it.

        Raises:
            ConfigurationError: The name is taken or malformed, or the tool or an argument is not described.
        """

        def register(function: Function[Arguments]) -> Function[Arguments]:
            tool = Tool(
                name=function.__name__,
                description=(function.__doc__ or "").strip(),
                arguments=arguments,
                run=function,
                capabilities=frozenset(capabilities),
            )
            if undescribed := [name for name, field in arguments.model_fields.items() if not field.description]:
                _refuse(tool, [f"its arguments {', '.join(undescribed)} have no description"])
            self.add(tool)
            return function

        return register


def _refuse(tool: Tool, problems: list[str]) -> None:
    if problems:
        message = f"tool {tool.name}: {'; '.join(problems)}"
        raise ConfigurationError(message)


class ToolCaller:
    """Calls tools on behalf of a model: only known ones, with checked arguments, within a time limit.

    Whatever goes wrong is told to the model, which can do better: it never ends the run.

    Args:
        registry: The tools.
        guard: Fences what they say.
        observers: Told every call.
        timeout: Seconds for one call of a tool that has no time limit of its own.
        at_once: Calls at the same time at most; further ones wait.
    """

    def __init__(
        self, registry: ToolRegistry, guard: Guard, observers: Observers, timeout: float, *, at_once: int = 32
    ) -> None:
        self._registry = registry
        self._guard = guard
        self._observers = observers
        self._timeout = timeout
        self._places = asyncio.Semaphore(at_once)

    async def call(self, call: ToolCall) -> ToolResult:
        """Return what the tool said, or why it was not called."""
        started = time.perf_counter()
        outcome, text = await self._outcome(call)
        known = call.name if outcome != "unknown" else "unknown"
        digest = hashlib.sha256(call.arguments.encode()).hexdigest()
        self._observers.notify(
            ToolCalled(tool=known, outcome=outcome, seconds=time.perf_counter() - started, digest=digest)
        )
        return ToolResult(call=call, content=self._guard.fenced(known, text))

    async def _outcome(self, call: ToolCall) -> tuple[ToolOutcome, str]:
        tool = self._registry.get(call.name)
        if tool is None:
            return "unknown", f"There is no such tool. Known tools: {', '.join(tool.name for tool in self._registry)}."
        try:
            arguments = tool.arguments.model_validate_json(call.arguments or "{}")
        except ValidationError as error:
            return "invalid", f"Invalid arguments: {_problems(error)}."
        return await self._run(tool, arguments)

    async def _run(self, tool: Tool, arguments: BaseModel) -> tuple[ToolOutcome, str]:
        timeout = tool.timeout or self._timeout
        try:
            async with self._places, asyncio.timeout(timeout):
                return "ok", await tool.run(arguments)
        except (TimeoutError, DependencyTimeoutError):
            return "timeout", f"The tool did not answer within {timeout:g} s."
        except AgentError as error:
            return "failed", f"The tool failed: {error}."
        except Exception as error:  # a defect in a tool must not end the run
            logger.exception("tool_crashed", tool=tool.name, error_type=type(error).__name__)
            return "failed", "The tool failed."


def _problems(error: ValidationError) -> str:
    return "; ".join(f"{'.'.join(map(str, item['loc'])) or 'arguments'}: {item['msg']}" for item in error.errors())
