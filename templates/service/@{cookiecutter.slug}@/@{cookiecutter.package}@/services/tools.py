"""The registry of tools: the one place where tools are declared, checked and called."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator
from typing import Generic, TypeVar

from pydantic import BaseModel, JsonValue, ValidationError
from pydantic_core import to_jsonable_python

from ..exceptions import (
    AgentError,
    ConfigurationError,
    DependencyTimeoutError,
    InvalidInputError,
    PermissionDeniedError,
)
from ..exceptions.exchange import NotFoundError
from ..interfaces.audit import AuditTrail
from ..interfaces.tool import Tool
from ..models.audit import AuditEntry
from ..models.identity import Identity, Permission
from ..models.tasks import TOOL_NAME
from ..models.tools import ToolDescription, ToolResult
from ..utils.correlation import current_correlation_id
from ..utils.metrics import Metrics

Taken = TypeVar("Taken", bound=BaseModel)
Parts = TypeVar("Parts")
Function = Callable[[Taken, Parts, Identity], Awaitable[object]]


class ToolRegistry(Generic[Parts]):
    """Keeps the tools by name; ``Parts`` is what they work with. They return what can be JSON, such as models."""

    def __init__(self) -> None:
        self._tools: dict[str, Tool] = {}

    def __iter__(self) -> Iterator[Tool]:
        return iter(self._tools.values())

    def get(self, name: str) -> Tool | None:
        """Return the tool of that name, or nothing."""
        return self._tools.get(name)

    def tool(
        self, name: str, arguments: type[Taken], permission: Permission, *, later: bool = True
    ) -> Callable[[Function[Taken, Parts]], Function[Taken, Parts]]:
        """Return a decorator that registers a function; its docstring is what models read about it.

        Raises:
            ConfigurationError: The name is taken or malformed, or the tool or an argument is not described.
        """

        def register(function: Function[Taken, Parts]) -> Function[Taken, Parts]:
            description = (function.__doc__ or "").strip()
            tool = Tool(
                name=name,
                description=description,
                arguments=arguments,
                permission=permission,
                run=function,
                later=later,
            )
            self._check(tool)
            self._tools[name] = tool
            return function

        return register

    def check_order(self, name: str, arguments: dict[str, JsonValue], identity: Identity) -> None:
        """Look whether a task may call a tool for somebody.

        Raises:
            NotFoundError: There is no such tool, or none for tasks.
            PermissionDeniedError: The caller may not call it.
            InvalidInputError: The arguments do not fit.
        """
        tool = self.get(name)
        if tool is None or not tool.later:
            message = f"There is no tool {name} for tasks."
            raise NotFoundError(message)
        _checked(tool, arguments, identity)

    def _check(self, tool: Tool) -> None:
        undescribed = [name for name, field in tool.arguments.model_fields.items() if not field.description]
        problems = {
            "its name is taken": tool.name in self._tools,
            "its name is malformed": not re.fullmatch(TOOL_NAME, tool.name),
            "it has no description": not tool.description,
            f"its arguments {', '.join(undescribed)} have no description": bool(undescribed),
        }
        if found := [problem for problem, there in problems.items() if there]:
            message = f"tool {tool.name}: {'; '.join(found)}"
            raise ConfigurationError(message)


class ToolCaller(Generic[Parts]):
    """Calls tools for others: only known ones, that the caller may call, with checked arguments, within a time limit.

    Args:
        registry: The tools.
        parts: What they work with.
        audit: Where every call of a known tool is written down.
        metrics: Where calls are counted.
        timeout: Seconds for one call.
    """

    def __init__(
        self, registry: ToolRegistry[Parts], parts: Parts, audit: AuditTrail, metrics: Metrics, timeout: float
    ) -> None:
        self._registry = registry
        self._parts = parts
        self._audit = audit
        self._metrics = metrics
        self._timeout = timeout

    def offered(self, identity: Identity) -> list[ToolDescription]:
        """Return the tools that the caller may call."""
        return [tool.described for tool in self._registry if identity.may(tool.permission)]

    async def call(self, name: str, arguments: dict[str, JsonValue], identity: Identity) -> ToolResult:
        """Return what the tool says.

        Raises:
            NotFoundError: There is no such tool.
            PermissionDeniedError: The caller may not call it.
            InvalidInputError: The arguments do not fit.
            DependencyTimeoutError: It took too long.
            AgentError: What the tool itself raises.
        """
        tool = self._registry.get(name)
        if tool is None:
            message = f"There is no tool {name}."
            raise NotFoundError(message)
        outcome = "failed"
        try:
            result = await self._run(tool, arguments, identity)
            outcome = "ok"
        except PermissionDeniedError:
            outcome = "denied"
            raise
        except AgentError as error:
            outcome = f"failed: {type(error).__name__}"
            raise
        finally:
            self._told(tool, outcome, identity)
        return ToolResult(tool=name, result=to_jsonable_python(result))

    async def _run(self, tool: Tool, arguments: dict[str, JsonValue], identity: Identity) -> object:
        taken = _checked(tool, arguments, identity)
        try:
            async with asyncio.timeout(self._timeout):
                return await tool.run(taken, self._parts, identity)
        except TimeoutError as error:
            message = f"the tool {tool.name} did not answer within {self._timeout:g} s"
            raise DependencyTimeoutError(message) from error

    def _told(self, tool: Tool, outcome: str, identity: Identity) -> None:
        self._metrics.tool_calls.labels(tool.name, outcome.partition(":")[0]).inc()
        self._audit.record(
            AuditEntry(
                action=f"tools:{tool.name}",
                subject=identity.subject,
                outcome=outcome,
                correlation_id=current_correlation_id(),
            )
        )


def _checked(tool: Tool, arguments: dict[str, JsonValue], identity: Identity) -> BaseModel:
    if not identity.may(tool.permission):
        message = f"This needs the permission {tool.permission}."
        raise PermissionDeniedError(message)
    try:
        return tool.arguments.model_validate(arguments)
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, item['loc'])) or 'arguments'}: {item['msg']}" for item in error.errors()]
        message = f"Invalid arguments: {'; '.join(problems)}."
        raise InvalidInputError(message) from error
