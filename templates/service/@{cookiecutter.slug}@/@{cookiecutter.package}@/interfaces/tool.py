"""What a tool is."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic import BaseModel

from ..models.identity import Permission
from ..models.tools import ToolDescription


@dataclass(frozen=True, kw_only=True)
class Tool:
    """Something that others can have this service do. Make one with ``ToolRegistry.tool``.

    Args:
        name: What it is called by, and the capability that the agent registry shows.
        description: What a model reads about it.
        arguments: What it takes; calls are checked against it before the tool runs.
        permission: What its caller needs.
        run: Does it, with the arguments, the parts of the service, and the caller.
        later: Whether a task may call it.
    """

    name: str
    description: str
    arguments: type[BaseModel]
    permission: Permission
    run: Callable[[Any, Any, Any], Awaitable[object]]
    later: bool = True

    @cached_property
    def described(self) -> ToolDescription:
        """The tool as others see it; made once, for its schema takes longer than a call."""
        return ToolDescription(
            name=self.name, description=self.description, parameters=self.arguments.model_json_schema()
        )
