"""What the configurations are compared with: the agents of a git revision, or those of another file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agentctl.documents import reading
from agentctl.documents.model import BadDocumentError
from agentctl.errors import UsageError
from agentctl.validation.changes import revision
from agentctl.validation.changes.model import line_of
from agentctl.validation.changes.revision import Revision
from agentctl.validation.discovery import Governance


@dataclass(frozen=True, kw_only=True, eq=False)
class Old:
    """An agent as it was.

    Attributes:
        name: The file, from the top of the repository, or as it was named.
        base: How it is called in messages, such as ``1.2.0 at main``.
    """

    name: str
    value: Mapping[str, Any]
    base: str
    released: bool = False

    @property
    def id(self) -> Any:
        """Its agent_id."""
        return self.value.get("agent_id")


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """The agents that there were, and those among them that are in use.

    Attributes:
        told: How the user called it.
        revision: Where they were read from, unless it was a file.
        notes: What a person should know about the comparison.
    """

    told: str
    agents: Sequence[Old]
    revision: Revision | None = None
    notes: tuple[str, ...] = field(default=())

    def of(self, agent: Mapping[str, Any], path: Path, *, alone: bool) -> Old | None:
        """Return what an agent was before: by its file and id, then by its id, then by its file or line.

        Args:
            agent: The agent of today.
            path: Its file.
            alone: Whether it is the only one that is compared, so that a file names its other version.
        """
        name = self.revision.before(inside) if self.revision and (inside := self.revision.within(path)) else None
        same = [one for one in self.agents if one.id == agent.get("agent_id")]
        if same:
            return next((one for one in same if one.name == name), same[0])
        if self.revision is None and alone and len(self.agents) == 1:
            return self.agents[0]
        line = line_of(agent)
        return next((one for one in self.agents if line_of(one.value) == line and name in {None, one.name}), None)


def at_revision(found: Revision, governance: Governance, paths: Iterable[Path], tags: str) -> Baseline:
    """Read the agents of a revision: in files that are governed by name, and in the files of today's agents."""
    inside = [name for path in paths if (name := found.within(path))]
    agents = list(_agents_at(found, governance, inside))
    tag, notes = _newest(found, governance.root, tags)
    in_use = {_key(value) for _, value in _agents_at(tag, governance, inside)} if tag else set()
    olds = tuple(_old(name, value, f"at {found.name}", in_use) for name, value in agents)
    return Baseline(told=found.name, agents=olds, revision=found, notes=notes)


def in_file(path: Path, told: str, governance: Governance, tags: str) -> Baseline:
    """Read the agents of another file.

    Raises:
        UsageError: It cannot be read, or holds no agent.
    """
    values = [value for value in documents_of(path, told) if is_agent(value)]
    if not values:
        raise UsageError(f"--against {told}: it holds no agent configuration", hint="name a file or a git revision")
    tag, notes = _released_beside(governance, tags)
    in_use = {_key(value) for _, value in _agents_at(tag, governance, ())} if tag else set()
    return Baseline(
        told=told, agents=tuple(_old(told, value, f"in {path.name}", in_use) for value in values), notes=notes
    )


def documents_of(path: Path, told: str) -> list[Any]:
    """Return the values of the documents in a file that was named.

    Raises:
        UsageError: It cannot be read.
    """
    try:
        parsed = reading.parse(reading.read_file(path), reading.format_of(path.name) or "yaml")
    except BadDocumentError as error:
        raise UsageError(f"--against {told}: {error.problem.message}", hint=error.problem.hint) from error
    if parsed.problems and not parsed.documents:
        problem = parsed.problems[0]
        place = f":{problem.span.line}:{problem.span.column}" if problem.span else ""
        raise UsageError(f"--against {told}{place}: {problem.message}", hint=problem.hint)
    return [document.value for document in parsed.documents]


def is_agent(value: Any) -> bool:
    """Return whether a document is an agent's configuration."""
    return isinstance(value, dict) and "agent_id" in value


def _released_beside(governance: Governance, tags: str) -> tuple[Revision | None, tuple[str, ...]]:
    try:
        here = revision.find(governance.root, "HEAD")
    except UsageError:  # no repository: only `released: true` tells what is released
        return None, ()
    return _newest(here, governance.root, tags)


def _newest(found: Revision, root: Path, pattern: str) -> tuple[Revision | None, tuple[str, ...]]:
    tag = revision.newest_tag(root, pattern)
    if tag is not None:
        return revision.find(root, tag), ()
    if revision.is_shallow(found.top):
        return None, (f"no tag matches {pattern}, and this clone is shallow: what is released may be unknown here",)
    return None, ()


def _agents_at(found: Revision, governance: Governance, names: Iterable[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    before = [name for one in names if (name := found.before(one))]
    governed = [name for name in found.names() if _may_hold_agents(name, found, governance)]
    for name, data in found.read([*before, *governed]).items():
        parsed = reading.parse(data, reading.format_of(name) or "yaml")
        yield from ((name, document.value) for document in parsed.documents if is_agent(document.value))


def _may_hold_agents(name: str, found: Revision, governance: Governance) -> bool:
    if reading.format_of(name) is None or not (found.top / name).is_relative_to(governance.root.resolve()):
        return False
    schema = governance.by_name(name)
    return schema is not None and schema.kind == "agent"


def _old(name: str, value: dict[str, Any], where: str, in_use: set[tuple[str, str]]) -> Old:
    released = value.get("released") is True or _key(value) in in_use
    version = value.get("version")
    base = f"{version if isinstance(version, str) and len(version) < 40 else 'the one'} {where}"  # noqa: PLR2004 - as a version may be
    return Old(name=name, value=value, base=base, released=released)


def _key(value: Mapping[str, Any]) -> tuple[str, str]:
    return str(value.get("agent_id")), str(value.get("version"))
