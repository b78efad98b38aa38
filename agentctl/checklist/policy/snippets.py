"""What stands at a place, in a form that moving, renaming and reformatting a file leave as it is."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
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
        if module is None:
            return name, self._line(place.path, place.line)
        around = list(_around(module, place.line))
        names = [node.name for node in around if isinstance(node, _Named)]
        return ".".join(names), _header(around[-1]) if around else self._line(place.path, place.line)

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
    """Print a statement without the blocks under it and without the words of a docstring."""
    kept = {name: value for name, value in ast.iter_fields(node) if name not in _BLOCKS}
    empty: dict[str, list[ast.stmt]] = {name: [] for name in _BLOCKS if hasattr(node, name)}
    if "body" in empty:
        empty["body"] = [ast.Pass()]
    if isinstance(node, ast.ExceptHandler):
        empty = {"body": node.body}  # what it does with the error is what it is
    try:
        return ast.unparse(type(node)(**kept, **empty))
    except (AttributeError, TypeError, ValueError, RecursionError):
        return type(node).__name__
