"""The rules beyond the schemas: one function each, in the folder of the kind that they judge.

The folder is the registry, so that a document loads the rules of its own kind; the modules beside the folders hold the
rules of several kinds.  A rule takes the document's value and yields what breaks it; its docstring is what
``agentctl explain`` prints: the title, a paragraph with the reason, and a paragraph with the mend.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from agentctl.documents.model import Pointer
from agentctl.results import Severity


@dataclass(frozen=True)
class Break:
    """One place where a document breaks a rule.

    Attributes:
        pointer: The value (or, with ``at_key``, the key) to blame.
        severity: When it weighs other than its rule does.
    """

    pointer: Pointer
    message: str
    hint: str | None = None
    at_key: bool = False
    severity: Severity | None = None


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A rule: of one document, or of all documents of a kind in one folder (``together``).

    Attributes:
        check: Takes a value; with ``together`` a mapping of file name to value, and yields the name with each break.
        daily: Whether its answer changes with the day, so that it cannot be kept.
    """

    id: str
    kinds: frozenset[str]
    severity: Severity
    check: Callable[..., Iterable[Any]]
    together: bool = False
    daily: bool = False

    @property
    def title(self) -> str:
        """The first line of the docstring."""
        return (self.check.__doc__ or self.id).strip().splitlines()[0].rstrip(".")


def rule(
    name: str, *kinds: str, severity: Severity = Severity.ERROR, together: bool = False, daily: bool = False
) -> Callable[[Callable[..., Iterable[Any]]], Rule]:
    """Make a rule of a function."""

    def made(check: Callable[..., Iterable[Any]]) -> Rule:
        return Rule(id=name, kinds=frozenset(kinds), severity=severity, check=check, together=together, daily=daily)

    return made


@cache
def rules() -> Mapping[str, Rule]:
    """Return every rule by id."""
    return {one.id: one for one in _loaded("**/[a-z]*.py")}


@cache
def rules_of(kind: str) -> tuple[Rule, ...]:
    """Return the rules that hold for a kind of document; no other kind's modules are loaded."""
    return tuple(one for one in _loaded("[a-z]*.py", f"{kind}/[a-z]*.py") if kind in one.kinds) if kind else ()


def _loaded(*patterns: str) -> Iterator[Rule]:
    here = Path(__file__).parent
    paths = [path.relative_to(here) for pattern in patterns for path in sorted(here.glob(pattern))]
    modules = [import_module(".".join((__name__, *path.with_suffix("").parts))) for path in paths]
    return (thing for module in modules for thing in vars(module).values() if isinstance(thing, Rule))


def table(value: Any, *path: str | int) -> Mapping[str, Any]:
    """Return the mapping at a path, empty where there is none: a rule never trusts the shape."""
    for part in path:
        value = value.get(part) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def entries(value: Any, *path: str) -> Iterator[tuple[Pointer, Mapping[str, Any]]]:
    """Yield pointer and mapping of each item of the list at a path."""
    items = table(value, *path[:-1]).get(path[-1])
    for number, item in enumerate(items if isinstance(items, list) else []):
        if isinstance(item, dict):
            yield (*path, number), item


def number(value: Any) -> float | int | None:
    """Return a number, or None for anything else (true and false are none)."""
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
