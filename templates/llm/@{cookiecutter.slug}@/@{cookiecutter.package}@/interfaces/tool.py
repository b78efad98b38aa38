"""What a tool is."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from pydantic import BaseModel

from ..models.conversation import ToolDescription


class Capability(StrEnum):
    """What a tool is good for; strategies choose by it."""

    FIND = "find"
    READ = "read"
    OVERVIEW = "overview"
    KEEP = "keep"


@dataclass(frozen=True, kw_only=True)
class Tool:
    """A tool with typed arguments. Make one with ``ToolRegistry.tool``.

    Args:
        name: What the model calls it.
        description: What the model reads about it.
        arguments: What it takes, each field described; calls are checked against it before the tool runs.
        run: Does the work; its text goes through the guard before a model sees it.
        capabilities: What it is good for.
        timeout: Seconds for one call; default: those of all tools.
    """

    name: str
    description: str
    arguments: type[BaseModel]
    run: Callable[[Any], Awaitable[str]]
    capabilities: frozenset[Capability]
    timeout: float | None = None

    @cached_property
    def described(self) -> ToolDescription:
        """The tool as the model sees it; made once, for its schema takes longer than a call."""
        return ToolDescription(
            name=self.name, description=self.description, parameters=self.arguments.model_json_schema()
        )
