"""AR: architecture."""

from __future__ import annotations

from collections import defaultdict
from pathlib import PurePosixPath

from agentctl.checklist.answer import Answer, passed, weak
from agentctl.checklist.facts.index import Facts
from agentctl.checklist.ships import Ships
from agentctl.results import Location

_PARTS = ("models", "services", "handlers", "interfaces", "exceptions", "utils", "config")
_ENOUGH = 6


def ar05(facts: Facts, _ships: Ships) -> Answer:
    """Does it follow the standard agent layout?

    Why: guide 4 "Code Structure Requirements".
    Counts: models, services, handlers, interfaces, exceptions, utils and config in one package (six of the seven), each
    with code, and tests in unit and integration, inside the package or beside it.
    Does not count: empty folders; other names for the same parts.
    Closed: always; the layout is the tree. Another layout is a warning, not a failure.
    Mend: ``agentctl new`` shows the layout.
    """
    parts: dict[str, set[str]] = defaultdict(set)
    for module in facts.shipped:
        if module.functions or module.classes or module.values:
            words = module.path.removesuffix(".py").split("/")
            for depth in reversed(range(len(words))):
                if words[depth] in _PARTS:
                    parts["/".join(words[:depth]) or "."].add(words[depth])
    best = max(parts, key=lambda folder: len(parts[folder]), default="")
    have = parts.get(best, set())
    suites = {part for m in facts.tests if m.functions for part in PurePosixPath(m.path).parts} & {
        "unit",
        "integration",
    }
    suites_told = ", ".join(sorted(suites)) or "neither unit nor integration"
    message = f"{len(have)} of {len(_PARTS)} standard parts in {best or 'one package'}, test suites: {suites_told}"
    if len(have) >= _ENOUGH and len(suites) == 2:  # noqa: PLR2004 - unit and integration
        return passed(message, [Location(path=f"{best}/{part}" if best != "." else part) for part in sorted(have)])
    missing = [part for part in _PARTS if part not in have]
    return weak(message, f"missing: {', '.join(missing) or 'test suites'}; agentctl new shows the layout",
                [Location(path=best)] if have else [])  # fmt: skip
