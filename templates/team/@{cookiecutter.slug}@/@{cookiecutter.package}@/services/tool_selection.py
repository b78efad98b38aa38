"""The tools of one member."""

from collections.abc import Collection, Iterable, Iterator

from ..exceptions import ConfigurationError
from ..interfaces.tool import Tool
from .tools import ToolRegistry


class ToolSelection(ToolRegistry):
    """Some of the tools that there are: a member can use no others.

    Args:
        registry: All tools of the team's own.
        names: Those of the member.
        member: Who it is, for messages.
        remote: Where the tools of servers come and go.
        remote_names: Those of them that the member may use, too.

    Raises:
        ConfigurationError: There is no tool of that name.
    """

    def __init__(
        self,
        registry: ToolRegistry,
        names: Iterable[str],
        member: str,
        remote: ToolRegistry,
        remote_names: Collection[str],
    ) -> None:
        super().__init__()
        self._remote = remote
        self._remote_names = sorted(remote_names)
        for name in names:
            tool = registry.get(name)
            if tool is None:
                known = ", ".join(tool.name for tool in registry)
                message = f"{member}: there is no tool {name!r}; there are {known}"
                raise ConfigurationError(message)
            self._tools[name] = tool

    def __iter__(self) -> Iterator[Tool]:
        yield from super().__iter__()
        yield from filter(None, map(self._remote.get, self._remote_names))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def get(self, name: str) -> Tool | None:
        """Return the tool of that name, or nothing."""
        return super().get(name) or (self._remote.get(name) if name in self._remote_names else None)
