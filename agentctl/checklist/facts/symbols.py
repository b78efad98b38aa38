"""Names across modules: what a dotted name stands for once imports and assignments are followed."""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Iterable

from agentctl.checklist.facts.model import Class, Module

_HOPS = 12
_STARTED = {"main", "app", "server", "manage", "asgi", "wsgi", "run", "cli"}  # what a process is started with
_SOURCES = re.compile(r"(\w+\.)*?src(?=\.)")
_ENOUGH = 3  # modules that are imported in one way, to call it the project's


class Symbols:
    """Follows a name to the library that it comes from, through re-exports, variables and return annotations.

    ``identity`` follows imports only, so that two routers stay two; ``name`` follows values too, so that both are
    ``fastapi.APIRouter()``.
    """

    def __init__(self, modules: Iterable[Module]) -> None:
        self.modules = {module.name: module for module in modules}
        self._defined: set[str] = set()
        self._classes: dict[str, Class] = {}
        self._heads = {name.partition(".")[0] for name in self.modules}
        self._roots_above: dict[str, list[str]] = defaultdict(list)
        within = _within(self.modules)
        for root in _roots(self.modules):
            for name in within.get(root, ()):
                self._roots_above[name].append(root)
        for module in self.modules.values():
            self._defined.update(function.name for function in module.functions)
            self._classes.update((kind.name, kind) for kind in module.classes)
        self._defined.update(self._classes)
        self._names: dict[str, str] = {}
        self._identities: dict[str, str] = {}

    def name(self, raw: str) -> str:
        """Return the library's (or the defining module's) name of what ``raw`` stands for."""
        found = raw if raw[:1] == "?" else self._names.get(raw)  # nothing is known of a ``?`` but how it is spelt
        if found is None:
            found = self._names[raw] = self._inherited(self._follow(raw, values=True))
        return found

    def identity(self, raw: str) -> str:
        """Return the name of the variable, function or class itself, where it is defined."""
        if raw not in self._identities:
            self._identities[raw] = self._follow(raw, values=False)
        return self._identities[raw]

    def forget(self) -> None:
        """Drop what was followed so far: it takes more memory than following a few names again takes time."""
        self._names.clear()
        self._identities.clear()

    def is_own(self, name: str) -> bool:
        """Return whether a resolved name lies in the scanned tree."""
        head = name.partition(".")[0]
        return head in self._heads and (head in self.modules or self._module_of(name) is not None)

    def _follow(self, raw: str, *, values: bool) -> str:
        name = self._own(raw)
        seen = {name}
        for _ in range(_HOPS):
            found = self._step(name, values=values)
            if found is None or found in seen:
                break
            name = self._own(found)
            seen.add(name)
        return name

    def _inherited(self, name: str, hops: int = _HOPS) -> str:
        """Return the library's name of a method that an own class has from the library's class."""
        owner, _mark, method = name.partition("().")
        kind = self._classes.get(owner)
        if kind is None or "." in method or not method or method in kind.methods or method in kind.fields:
            return name
        library = (base for base in kind.bases if base.partition(".")[0] not in {"typing", "abc", "object"})
        bases = [self._follow(base, values=True) for base in library]
        if not bases or hops == 0:
            return name
        return self._inherited(f"{bases[0]}().{method}", hops - 1)

    def _step(self, name: str, *, values: bool) -> str | None:
        """Rewrite the longest known prefix once; a definition ends the chain."""
        if name.partition(".")[0] not in self._heads:
            return None
        prefix = name
        while prefix:
            module = self.modules.get(prefix)
            if module is not None:
                found = self._step_in(module, name[len(prefix) + 1 :].split("."), values=values)
                if found is not None:
                    return found or None
            prefix = prefix.rpartition(".")[0]
        return None

    def _step_in(self, module: Module, parts: list[str], *, values: bool) -> str | None:
        """Rewrite a name within a module; empty when it is defined there, None when it is not known there."""
        for length in range(len(parts), 0, -1):
            prefix = ".".join(parts[:length])
            bare = prefix.rstrip("()[]")
            rest = parts[length:]
            called = prefix[len(bare) :]
            if values and prefix in module.values:
                return _joined(module.values[prefix], "", rest)
            if f"{module.name}.{bare}" in self._defined:
                return ""
            if length == 1 and bare in module.aliases:
                return _joined(module.aliases[bare], called, rest)
            if values and bare in module.values:
                return _joined(module.values[bare], called, rest)
        return None

    def _own(self, name: str) -> str:
        """Put an import of an own module (``core.settings`` under ``src``) into the tree's own terms."""
        head = name.partition(".")[0]
        if head in self._heads and self._module_of(name) is not None:
            return name
        for root in self._roots_above.get(head, ()):
            candidate = f"{root}.{name}"
            if self._module_of(candidate, shortest=root.count(".") + 2) is not None:
                return candidate
        return name

    def module(self, name: str) -> Module | None:
        """Return the module that a qualified name lies in."""
        found = self._module_of(name)
        return self.modules[found] if found else None

    def _module_of(self, name: str, shortest: int = 1) -> str | None:
        prefix = name
        while prefix not in self.modules:
            prefix = prefix.rpartition(".")[0]
            if not prefix:
                return None
        return prefix if prefix.count(".") >= shortest - 1 else None


class Names(dict[str, str]):
    """What names stand for, each followed when it is first asked for: for very many in a row."""

    def __init__(self, symbols: Symbols) -> None:
        super().__init__()
        self._symbols = symbols

    def __missing__(self, raw: str) -> str:
        found = self[raw] = self._symbols.name(raw)
        return found


def module_name(path: str) -> tuple[str, bool]:
    """Return the dotted name of a file from the tree's root, and whether it is a package's ``__init__``."""
    parts = path.removesuffix(".py").split("/")
    package = parts[-1] == "__init__"
    if package:
        parts = parts[:-1] or ["__init__"]
    return ".".join(part.replace(".", "_") for part in parts), package


def _roots(modules: dict[str, Module]) -> list[str]:
    """Return the folders from which own code is imported, as dotted prefixes: ``src``, ``backend`` and so on."""
    packages = {name for name, module in modules.items() if module.path.endswith("__init__.py")}
    tops = {name.rpartition(".")[0] for name in packages if name.rpartition(".")[0] not in packages}
    folders = {name.rpartition(".")[0] for name in modules if "." in name}
    loose = {folder for folder in folders if folder.count(".") == 0}
    # A package without an __init__ of its own stands under src too.
    loose |= {match[0] for folder in folders if (match := _SOURCES.match(folder))} - packages
    started = {name.rpartition(".")[0] for name in modules if name.rpartition(".")[2] in _STARTED} & packages
    return sorted(
        {
            *(root for root in (tops | loose) - {""} if _is_source(root, modules)),
            *(root for root in started - tops - loose if _is_run_from(root, modules)),
        },
        key=lambda root: (root != "src", root.count("."), root),
    )


def _within(names: Iterable[str]) -> dict[str, set[str]]:
    """Return for each dotted prefix the first parts of what lies beneath it."""
    found: dict[str, set[str]] = defaultdict(set)
    for name in names:
        head, _, last = name.rpartition(".")
        while head and last not in found[head]:
            found[head].add(last)
            head, _, last = head.rpartition(".")
    return found


def _is_source(root: str, modules: dict[str, Module]) -> bool:
    """Return whether own code is imported from within a folder rather than by the folder's own name.

    In ``app/core/langgraph`` beside ``from app.core import ...`` the name ``langgraph`` is the library's, and in
    ``config/config.py`` and ``config/logging.py`` neither ``config.config`` nor ``logging`` is asked for from within.
    """
    within = {name[len(root) + 1 :].partition(".")[0] for name in modules if name.startswith(f"{root}.")}
    within -= {root, *sys.stdlib_module_names}
    imported = [
        name
        for module in modules.values()
        if module.name != root
        for name in module.imports.keys() - module.relative  # a relative import says nothing of the root
    ]
    by_name = sum(name.startswith(f"{root}.") for name in imported)
    return by_name <= sum(name.partition(".")[0] in within for name in imported)


def _is_run_from(root: str, modules: dict[str, Module]) -> bool:
    """Return whether what lies in a package is imported as if the package's folder were the root: ``utils.auth``."""
    beneath = [module for name, module in modules.items() if name.startswith(f"{root}.")]
    names = {name for module in beneath for name in module.imports.keys() - module.relative}
    by_place = {two for name in names if f"{root}.{(two := '.'.join(name.split('.')[:2]))}" in modules and "." in two}
    return len(by_place) >= _ENOUGH and not any(name.startswith(f"{root}.") for name in names)


def _joined(head: str, called: str, rest: list[str]) -> str:
    return ".".join([f"{head}{called}", *rest])
