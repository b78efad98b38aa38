"""What is compared with what, and what comes of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agentctl.results import Finding
from agentctl.validation.checking import Checked
from agentctl.validation.discovery import Governance
from agentctl.validation.rules import Break, Rule, rules

TAGS = "v*"


@dataclass(frozen=True, kw_only=True)
class Compared:
    """The files with the problems of their changes, and what belongs to none of them."""

    checked: Sequence[Checked]
    findings: Sequence[Finding] = ()
    notes: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is compared with what.

    Attributes:
        against: A revision or a file.
        paths: What was asked to be looked at; without any, the whole project.
        disabled: The rules that are switched off.
        tags: The pattern of the tags that name releases.
    """

    against: str
    governance: Governance
    paths: Sequence[str | Path] = ()
    disabled: AbstractSet[str] = frozenset()
    tags: str = TAGS


def broken(kind: str, change: Any, disabled: AbstractSet[str]) -> Iterator[tuple[Rule, Break]]:
    """Yield what a change breaks of the rules of a kind."""
    for rule in rules().values():
        if kind in rule.kinds and rule.id not in disabled:
            yield from ((rule, found) for found in rule.check(change))


def times(number: int, thing: str) -> str:
    """Return a number of things in words."""
    return f"{number} {thing}{'' if number == 1 else 's'}"
