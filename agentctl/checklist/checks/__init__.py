"""The checks: one module per family, one function per item, named like the item in lower case.

A check takes the facts and what the repository ships and returns an ``Answer``; it opens nothing and changes nothing.
Its docstring is what ``explain`` prints: the question, then Why, Counts, Does not count, Closed, Mend. The folder is
the registry: a function here with an item's name is that item's check.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path

from agentctl.checklist.answer import Answer
from agentctl.checklist.facts.index import Facts
from agentctl.checklist.ships import Ships

Check = Callable[[Facts, Ships], Answer]
_ITEM = re.compile(r"[a-z]{2}\d\d$")


@cache
def all_checks() -> dict[str, Check]:
    """Return every check that stands in this folder, by item id."""
    found: dict[str, Check] = {}
    for path in sorted(Path(__file__).parent.glob("[a-z]*.py")):
        module = import_module(f"{__name__}.{path.stem}")
        found.update({name.upper(): value for name, value in vars(module).items() if _ITEM.match(name)})
    return dict(sorted(found.items()))
