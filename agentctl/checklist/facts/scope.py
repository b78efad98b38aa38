"""What the names of a file stand for at each place of it."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator
from sys import intern
from typing import Any

from agentctl.checklist.facts.model import Raw

_BUILTINS = frozenset(dir(builtins))
_MARKS: dict[type, str] = {ast.Attribute: ".", ast.Call: "()", ast.Await: "", ast.Subscript: "[]"}
_BARE = {ast.Name, ast.Attribute, ast.Constant, type(None)}
_NAMES = {ast.Name, ast.Attribute}
_DEFINITIONS = {ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef}


class Scope:
    """The names at one place: ``names`` maps each to the dotted symbol that it stands for.

    A function gets a copy of the names around it, which is faster than looking through scopes at every name.

    Attributes:
        here: Qualified name of the function, class or module that we are in.
        classes: The classes that we are in, the innermost last.
        depth: How many functions we are in.
    """

    def __init__(self, out: Raw, *, package: bool) -> None:
        self.out = out
        self.package = package
        self.own = f"{out['name']}."
        self.names: dict[str, str] = {}
        self.stars: set[str] = set()  # modules from which everything is imported
        self.here: str = out["name"]
        self.classes: list[str] = []
        self.depth = 0

    # ---------------------------------------------------------------- binding

    def bind(self, name: str) -> str:
        """Make a name stand for a symbol of the place where we are, and return the symbol."""
        symbol = intern(f"{self.here}.{name}")
        self.names[name] = symbol
        return symbol

    def note(self, symbol: str, value: str, line: int = 0) -> None:
        """Keep what a symbol of this file stands for, by its name within the file."""
        key = intern(symbol.removeprefix(self.own))
        self.out["values"].setdefault(key, value)
        if line:
            self.out["made_at"].setdefault(key, line)

    def bind_import(self, node: ast.Import) -> None:
        """Bind what ``import a.b as c`` brings."""
        for alias in node.names:
            self.out["imports"].setdefault(alias.name, node.lineno)
            head = alias.name.partition(".")[0]
            self.names[alias.asname or head] = alias.name if alias.asname else head

    def bind_import_from(self, node: ast.ImportFrom) -> None:
        """Bind what ``from a import b as c`` brings."""
        base = self.absolute(node)
        for alias in node.names:
            target = intern(f"{base}.{alias.name}" if base else alias.name)
            self.out["imports"].setdefault(target if alias.name != "*" else base, node.lineno)
            if node.level:
                self.out["relative"].append(target)
            local = alias.asname or alias.name
            self.names[local] = target
            if local == "*":
                self.stars.add(base)
            if not self.depth and not self.classes:
                self.out["aliases"][local] = target

    def bind_below(self, body: Iterable[ast.stmt]) -> None:
        """Bind the module's own names first, since functions use what is defined below them."""
        for statement in body:
            if statement.__class__ in _DEFINITIONS:
                self.bind(statement.name)  # type: ignore[attr-defined]
            elif isinstance(statement, ast.Import):
                self.bind_import(statement)
            elif isinstance(statement, ast.ImportFrom):
                self.bind_import_from(statement)
            elif isinstance(statement, (ast.Assign, ast.AnnAssign)):
                targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
                for target in targets:
                    if isinstance(target, ast.Name):
                        self.bind(target.id)
            elif isinstance(statement, (ast.If, ast.Try, ast.With)):
                self.bind_below(statement.body)
                self.bind_below(getattr(statement, "orelse", []))
                for handler in getattr(statement, "handlers", []):
                    self.bind_below(handler.body)

    def loaded(self, body: Iterable[ast.stmt]) -> Iterator[str]:
        """Yield what is imported when the module is."""
        for statement in body:
            if isinstance(statement, ast.Import):
                yield from (alias.name for alias in statement.names)
            elif isinstance(statement, ast.ImportFrom):
                base = self.absolute(statement)
                yield from (intern(f"{base}.{alias.name}" if base else alias.name) for alias in statement.names)
            elif isinstance(statement, ast.Try):
                yield from self.loaded(statement.body)
            elif isinstance(statement, ast.If) and last(statement.test) != "TYPE_CHECKING":
                yield from self.loaded([*statement.body, *statement.orelse])

    def absolute(self, node: ast.ImportFrom) -> str:
        """Return the module that an import names, relative ones from the root of the tree."""
        if not node.level:
            return node.module or ""
        parts = self.out["name"].split(".")
        kept = parts[: len(parts) - node.level + (1 if self.package else 0)]
        return ".".join([*kept, *([node.module] if node.module else [])])

    # ---------------------------------------------------------------- looking up

    def lookup(self, name: str) -> str:
        """Return what a name stands for here."""
        found = self.names.get(name)
        if found is None:
            found = self.names[name] = name if name in _BUILTINS else intern(f"{self._from()}{name}")
        return found

    def _from(self) -> str:
        """Return what a name that nothing here binds comes from: the only module from which everything is imported."""
        return f"{next(iter(self.stars))}." if len(self.stars) == 1 else "?"

    def dotted(self, node: ast.AST | None) -> str:
        """Return the dotted name that an expression stands for, empty when it is none; nothing is written down."""
        kind = node.__class__
        if kind is ast.Name:
            return self.lookup(node.id)  # type: ignore[union-attr]
        mark = _MARKS.get(kind)
        if mark is None:
            return ""
        base = self.dotted(node.func if kind is ast.Call else node.value)  # type: ignore[union-attr]
        if not base:
            return ""
        return intern(f"{base}.{node.attr}" if kind is ast.Attribute else f"{base}{mark}")  # type: ignore[union-attr]

    def type_of(self, node: ast.AST | None) -> str:
        """Return the class that an annotation names: ``X`` of ``X | None``, ``Optional[X]``, ``Annotated[X, …]``."""
        if node.__class__ in _NAMES:
            return self.dotted(node)
        if node is None:
            return ""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            try:
                return self.type_of(ast.parse(node.value, mode="eval").body)
            except (SyntaxError, ValueError):
                return ""
        if isinstance(node, ast.BinOp):
            return self.type_of(node.left) or self.type_of(node.right)
        if isinstance(node, ast.Subscript):
            inner = node.slice.elts[0] if isinstance(node.slice, ast.Tuple) and node.slice.elts else node.slice
            return self.type_of(inner) if last(node.value) in {"Optional", "Annotated"} else ""
        return ""

    def mentioned(self, node: ast.AST | None) -> tuple[str, ...]:
        """Return every name in an annotation."""
        kind = node.__class__
        if kind is ast.Name or kind is ast.Attribute:
            found = self.dotted(node)
            return (found,) if found else ()
        if isinstance(node, ast.Constant):
            return (self.lookup(node.value),) if isinstance(node.value, str) and node.value.isidentifier() else ()
        return tuple([name for part in _parts(node) for name in self.mentioned(part)])

    def depends(self, node: ast.AST | None) -> tuple[str, ...]:
        """Return what ``Depends(x)``, ``Security(x)`` and the like name."""
        if node.__class__ in _BARE:
            return ()
        if isinstance(node, ast.Call) and last(node.func) in {"Depends", "Security", "Provide"}:
            arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
            return tuple(filter(None, map(self.dotted, arguments[:1])))
        return tuple([name for part in _parts(node) for name in self.depends(part)])


def _parts(node: ast.AST | None) -> Iterable[ast.AST]:
    """Return what an annotation or an argument is made of."""
    if isinstance(node, ast.Subscript):
        return (node.value, node.slice)
    if isinstance(node, ast.BinOp):
        return (node.left, node.right)
    if isinstance(node, (ast.Tuple, ast.List)):
        return node.elts
    if isinstance(node, ast.Call):
        return (node.func, *node.args, *(keyword.value for keyword in node.keywords))
    return ()


def last(node: Any) -> str:
    """Return the last word of a name, a chain of attributes or what is called; empty for another node or none."""
    kind = node.__class__  # asked of every other node: comparing is twice as fast as isinstance
    if kind is ast.Call:
        return last(node.func)
    word: str = node.attr if kind is ast.Attribute else node.id if kind is ast.Name else ""
    return word
