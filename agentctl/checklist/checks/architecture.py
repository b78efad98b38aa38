"""AR: how the parts hang together, and where they stand."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from pathlib import PurePosixPath

from agentctl.checklist.answer import Answer, counted, passed, places, unknown, weak
from agentctl.checklist.facts.index import Facts
from agentctl.checklist.facts.model import Module
from agentctl.checklist.facts.prose import lines_of_code
from agentctl.checklist.ships import Ships
from agentctl.results import Confidence, Location

_PARTS = ("models", "services", "handlers", "interfaces", "exceptions", "utils", "config")
_ENOUGH = 6
_FEW = 4  # modules; of fewer the same says little
_LONG = 800  # lines of a module that does too much
_MOST = {1200: 1 / 3, 1500: 1 / 4}  # of the code, that modules which are longer may hold, by the lines of the longest
_OF_CODE = 500  # lines of code, that a module full of documentation may have
_PAIR_OF = 100  # modules of which two in one folder may import each other
_GENERATED = re.compile(
    r"\A(#[^\n]*\n|\s)*#[^\n]*\b(generated (by|from|with|code)|auto-?generated|do not edit)\b", re.IGNORECASE
)


def ar01(facts: Facts, _ships: Ships) -> Answer:
    """Are responsibilities separated and dependencies passed in, without import cycles or do-everything modules?

    Why: guide 0 "Single Responsibility", guide 1 "Domain-Driven Design", guide 2 "Clean Architecture".
    Counts: several shipped modules with code, no cycle among their imports at module level, none longer than 800 lines,
    or some of up to 1,200 that hold at most a third of the code, or up to 1,500 and a quarter; of less than four
    modules this says little, which the confidence tells. A long module of types alone, one that is generated, and one
    with no more than 500 lines of code beside its documentation, do not do too much. No cycle is what a module imports
    last, after all that it defines, as a registry does; of a hundred modules two in one folder may import each other.
    Does not count: folders named for layers.
    Closed: never; a single module, and a few of which none uses another, are unknown.
    Mend: break the cycle with an interface, and split the module by what changes for different reasons.
    """
    modules = [m for m in facts.shipped if m.functions or m.classes]
    if len(modules) < _FEW and not _hang_together(facts, modules):
        return unknown("there are too few modules to judge their parts", "let a person look", places(modules))
    cycles = facts.once(_import_cycles)
    over = [module for module in modules if module.lines > _LONG]
    long = [Location(path=m.path, line=m.lines) for m in _doing_much(facts, over)]
    lines = [spot.line or 0 for spot in long]
    borne = next((most for length, most in _MOST.items() if max(lines, default=0) <= length), 0)
    pair = _is_one_pair(facts, cycles)
    if (not cycles or pair) and sum(lines) <= borne * facts.lines:
        cycle = f"one import cycle of two ({' and '.join(cycles[0])})" if pair else "no import cycle"
        return passed(f"{cycle} among {counted(facts.shipped, 'module')}, {len(over) or 'none'} over {_LONG} lines",
                      [Location(path=m.path) for m in modules],
                      confidence=Confidence.LOW if len(modules) < _FEW or pair else Confidence.MEDIUM)  # fmt: skip
    told = [f"an import cycle ({' and '.join(cycles[0][:2])})"] if cycles else []
    told += [f"{counted(long, 'module')} over {_LONG} lines"] if long else []
    verb = "are" if len(long) > 1 and not cycles else "is"
    spots = [Location(path=facts.symbols.modules[name].path) for cycle in cycles for name in cycle[:2]]
    return weak(f"there {verb} {' and '.join(told)}", "split what changes for different reasons", [*spots, *long])


def _hang_together(facts: Facts, modules: list[Module]) -> bool:
    """Return whether one of the modules uses another, wherever in it that is imported."""
    names = {module.name for module in modules}
    used = ((module.name, facts.symbols.identity(name)) for module in modules for name in module.imports)
    return any(other != name and f"{found}.".startswith(f"{other}.") for name, found in used for other in names)


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


# ---------------------------------------------------------------- what the checks look for


def _doing_much(facts: Facts, long: list[Module]) -> list[Module]:
    """Return the long modules that do something, are written by hand, and are long by more than what documents them."""
    texts = facts.tree.texts
    doing = [m for m in long if m.functions and not _GENERATED.match(texts[m.path])]
    if any(module.lines > max(_MOST) for module in doing):
        return doing
    return [module for module in doing if lines_of_code(texts[module.path]) > _OF_CODE]


def _is_one_pair(facts: Facts, cycles: list[list[str]]) -> bool:
    """Return whether two of very many modules, in one folder, are all that import each other."""
    names = [name for cycle in cycles for name in cycle]
    folders = {facts.symbols.modules[name].path.rpartition("/")[0] for name in names}
    return len(names) == 2 and len(folders) == 1 and len(facts.shipped) >= _PAIR_OF  # noqa: PLR2004 - a pair


def _import_cycles(facts: Facts) -> list[list[str]]:
    """Return the groups of shipped modules that import each other, through any number of others."""
    known = {module.name for module in facts.shipped}
    edges = {module.name: _imports(facts, module, known) for module in facts.shipped}
    order = list(_finished(edges))
    back: dict[str, set[str]] = {name: set() for name in edges}
    for name, others in edges.items():
        for other in others:
            back[other].add(name)
    found, seen = [], set[str]()
    for start in reversed(order):  # what reaches each other in both directions (Kosaraju)
        group = list(_walked(start, back, seen))
        found += [sorted(group)] if len(group) > 1 else []
    return found


def _imports(facts: Facts, module: Module, known: Collection[str]) -> set[str]:
    """Return the shipped modules that a module imports when it is loaded; a package's own ``__init__`` is left out."""
    found = set()
    end = max([*module.made_at.values(), *(one.end for one in module.functions), *(k.line for k in module.classes)],
              default=module.lines)  # fmt: skip
    for name in module.loaded:
        own = facts.symbols.identity(name)
        if own in known and module.imports.get(name, 0) > end:  # a registry, whose parts find it ready
            continue
        while own and own not in known:
            own = own.rpartition(".")[0]
        if (
            own
            and own != module.name
            and not module.name.startswith(f"{own}.")
            and not own.startswith(f"{module.name}.")
        ):
            found.add(own)
    return found


def _finished(edges: Mapping[str, set[str]]) -> Iterator[str]:
    """Yield every name after all that can be reached from it, cycles aside."""
    seen: set[str] = set()
    for start in edges:
        yield from _walked(start, edges, seen)


def _walked(start: str, edges: Mapping[str, set[str]], seen: set[str]) -> Iterator[str]:
    """Yield what can be reached and was not seen, the farthest first."""
    if start in seen:
        return
    seen.add(start)
    work = [(start, iter(sorted(edges[start])))]
    while work:
        name, rest = work[-1]
        following = next((other for other in rest if other not in seen), None)
        if following is None:
            work.pop()
            yield name
        else:
            seen.add(following)
            work.append((following, iter(sorted(edges[following]))))
