"""The facts of all Python files of a tree: from the cache where the content is known, else parsed, in two processes.

As a program (``python -m agentctl.checklist.facts.parsing TREE PATHS FACTS``) it parses one share and writes the facts.
"""

from __future__ import annotations

import gc
import marshal
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from agentctl.checklist import tree as trees
from agentctl.checklist.facts import visitor
from agentctl.checklist.facts.model import Module

CACHED = 100  # files; fewer are parsed faster than a cache is worth
SHARED = 250  # files; below, starting a second process costs more than it saves
_SHARE = 0.47  # of the bytes for the child, which has to start and to hand over
_PATIENCE = 600.0  # seconds; a hang guard

Broken = dict[str, str]
Packed = dict[str, bytes]


def parsed(tree: trees.Tree) -> tuple[dict[str, Module], Broken]:
    """Return the facts of every Python file, and why the others have none; the cache is used when they are many."""
    if len(tree.python) < CACHED:
        return _opened(tree.python, *_parsed_here(tree.root, tree.python))
    from agentctl.checklist import cache

    store = cache.Store("facts", tree.root)
    keys = {path: f"{path}\0{tree.digests[path]}" for path in tree.python}
    held = store.read()
    known = {path: held[key] for path, key in keys.items() if key in held}
    missing = [path for path in tree.python if path not in known]
    packed, broken = (_parsed_apart if len(missing) >= SHARED else _parsed_here)(tree.root, missing)
    if packed:
        store.write({keys[path]: data for path, data in (*known.items(), *packed.items())})
    known.update(packed)
    return _opened(tree.python, known, broken)


def main(arguments: list[str]) -> None:
    """Parse the files that one file lists and write their facts into another."""
    root, given, wanted = map(Path, arguments)
    paths = marshal.loads(given.read_bytes())  # noqa: S302 - written by our parent a moment ago
    wanted.write_bytes(marshal.dumps(_parsed_here(root, paths)))


def _parsed_here(root: Path, paths: Iterable[str]) -> tuple[Packed, Broken]:
    packed: Packed = {}
    broken: Broken = {}
    with without_collecting():
        for path in paths:
            text, problem = trees.text_of(f"{root}/{path}")
            if text is None:
                broken[path] = problem
                continue
            try:
                packed[path] = marshal.dumps(visitor.parse(text, path))
            except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
                broken[path] = f"does not parse: {type(error).__name__}"
    return packed, broken


def _parsed_apart(root: Path, paths: list[str]) -> tuple[Packed, Broken]:
    """Parse one share in a child and the other here; all of it here when the child does not answer."""
    if (os.cpu_count() or 1) == 1:
        return _parsed_here(root, paths)
    from agentctl import process
    from agentctl.errors import NoAnswerError

    theirs, ours = _shares(root, paths)
    with tempfile.TemporaryDirectory(prefix="agentctl-") as folder:
        given, wanted = Path(folder) / "paths", Path(folder) / "facts"
        given.write_bytes(marshal.dumps(theirs))
        # -P: the folder that we stand in may hold a module of any name
        command = [sys.executable, "-P", "-m", "agentctl.checklist.facts.parsing", str(root), str(given), str(wanted)]
        try:
            with process.started_child(command) as child:
                packed, broken = _parsed_here(root, ours)
                process.wait(child, _PATIENCE)
                others, more = marshal.loads(wanted.read_bytes())  # noqa: S302 - our own child's
        except (NoAnswerError, OSError, ValueError, EOFError):
            return _parsed_here(root, paths)
    return {**packed, **others}, {**broken, **more}


def _shares(root: Path, paths: list[str]) -> tuple[list[str], list[str]]:
    sizes = [_size(f"{root}/{path}") for path in paths]
    left = _SHARE * sum(sizes)
    for place, size in enumerate(sizes):
        left -= size
        if left <= 0:
            return paths[:place], paths[place:]
    return [], paths


def _size(path: str) -> int:
    with suppress(OSError):
        return os.stat(path).st_size  # noqa: PTH116 - a name, not a path
    return 0


def _opened(paths: Iterable[str], packed: Packed, broken: Broken) -> tuple[dict[str, Module], Broken]:
    modules: dict[str, Module] = {}
    with without_collecting():
        for path in paths:
            data = packed.pop(path, None)
            if data is not None:
                raw: dict[str, Any] = marshal.loads(data)  # noqa: S302 - our own, whole by its digest
                modules[path] = Module(raw)
    return modules, broken


@contextmanager
def without_collecting() -> Iterator[None]:
    """Hold the collector: syntax trees and facts are many small objects without cycles, and it costs half the time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


if __name__ == "__main__":
    main(sys.argv[1:])
