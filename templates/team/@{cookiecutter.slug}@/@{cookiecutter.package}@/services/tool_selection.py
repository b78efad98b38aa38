"""The tools of one member."""

from collections.abc import Iterable

from ..exceptions import ConfigurationError
from .tools import ToolRegistry


class ToolSelection(ToolRegistry):
    """Some of the tools that there are: a member can use no others.

    Args:
        registry: All tools.
        names: Those of the member.
        member: Who it is, for messages.

    Raises:
        ConfigurationError: There is no tool of that name.
    """

    def __init__(self, registry: ToolRegistry, names: Iterable[str], member: str) -> None:
        super().__init__()
        for name in names:
            tool = registry.get(name)
            if tool is None:
                known = ", ".join(tool.name for tool in registry)
                message = f"{member}: there is no tool {name!r}; there are {known}"
                raise ConfigurationError(message)
            self._tools[name] = tool
