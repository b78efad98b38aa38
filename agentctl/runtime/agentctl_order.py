"""A pytest plugin that runs tests in random order: ``AGENTCTL_SEED`` is the seed, shown in pytest's header.

Modules are shuffled, then classes in a module, then tests in a class, so that fixtures are not set up more often.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Sequence
from typing import Any

import pytest

_SEED = int(os.environ["AGENTCTL_SEED"])


def pytest_report_header() -> str:
    """Show the seed that repeats this order."""
    return f"agentctl: random order, seed {_SEED}"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[Any]) -> None:
    """Shuffle in place; the same seed and tests give the same order, in each of xdist's workers too."""
    source = random.Random(_SEED)  # noqa: S311 - an order, no secret
    items[:] = _shuffled(list(items), source, (_module, _class))


def _shuffled(items: list[Any], source: random.Random, keys: Sequence[Callable[[Any], str]]) -> list[Any]:
    if not keys:
        source.shuffle(items)
        return items
    groups: dict[str, list[Any]] = {}
    for item in items:
        groups.setdefault(keys[0](item), []).append(item)
    names = sorted(groups)
    source.shuffle(names)
    return [item for name in names for item in _shuffled(groups[name], source, keys[1:])]


def _module(item: Any) -> str:
    return str(item.nodeid).split("::", maxsplit=1)[0]


def _class(item: Any) -> str:
    return str(item.nodeid).split("[", maxsplit=1)[0].rpartition("::")[0]
