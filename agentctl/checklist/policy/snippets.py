"""What stands at a place, in a form that moving, renaming and reformatting a file leave as it is."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from copy import copy
from pathlib import PurePosixPath

from agentctl.results import Location

_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")
_Named = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


class Snippets:
    """The texts of a tree, parsed once each when a place in them is asked for."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts
        self._parsed: dict[str, ast.Module | None] = {}

    def at(self, place: Location) -> tuple[str, str]:
        """Return the name around a place within its file (``Orders.cancel``) and the statement there.

        For a place that is no Python: the file's own name, and the line without its spaces. The statement is printed
        anew from its syntax tree, without the blocks under it, so that neither layout nor comments count.
        """
        name = PurePosixPath(place.path).name
        if place.line is None:
            return name, place.symbol or ""
        module = self._module(place.path) if name.endswith(".py") else None
        around = list(_around(module, place.line)) if module else []
        if not around:
            return name, self._line(place.path, place.line)
        return ".".join(node.name for node in around if isinstance(node, _Named)), _header(around[-1])

    def _module(self, path: str) -> ast.Module | None:
        if path not in self._parsed:
            try:
                self._parsed[path] = ast.parse(self._texts.get(path, ""))
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                self._parsed[path] = None
        return self._parsed[path]

    def _line(self, path: str, number: int) -> str:
        lines = self._texts.get(path, "").splitlines()
        return "".join(lines[number - 1].split()) if number <= len(lines) else ""


def _around(module: ast.Module, line: int) -> Iterator[ast.AST]:
    """Yield the statements that hold a line, outermost first."""
    node: ast.AST | None = module
    while node is not None:
        node = next((child for child in _children(node) if _first(child) <= line <= (child.end_lineno or 0)), None)
        if node is not None:
            yield node


def _children(node: ast.AST) -> Iterator[ast.stmt | ast.ExceptHandler]:
    for name in _BLOCKS:
        for child in getattr(node, name, ()):
            if isinstance(child, ast.match_case):
                yield from child.body
            elif isinstance(child, (ast.stmt, ast.ExceptHandler)):
                yield child


def _first(node: ast.stmt | ast.ExceptHandler) -> int:
    decorators = getattr(node, "decorator_list", [])
    return min(int(one.lineno) for one in (node, *decorators))


def _header(node: ast.AST) -> str:
    """Print a statement without the blocks under it, those of a handler apart: what it does with the error counts."""
    bare = copy(node)
    for name in _BLOCKS if not isinstance(node, ast.ExceptHandler) else ():
        if hasattr(bare, name):
            setattr(bare, name, [ast.Pass()] if name == "body" else [])
    try:
        return ast.unparse(bare)
    except RecursionError:
        return type(node).__name__
