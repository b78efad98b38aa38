"""The facts of all Python files of a tree: from the cache where the content is known, else parsed, in two processes.

As a program (``python -m agentctl.checklist.facts.parsing TREE PATHS FACTS``) it parses one share and writes the facts.
"""

from __future__ import annotations

import gc
import marshal
import os
import sys
from collections import ChainMap
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agentctl.checklist import texts
from agentctl.checklist.facts import visitor
from agentctl.checklist.facts.model import Module, Shared
from agentctl.checklist.spool import Spool

if TYPE_CHECKING:
    from agentctl.checklist.tree import Tree

CACHED = 100  # files; fewer are parsed faster than a cache is worth
SHARED = 250  # files; below, starting a second process costs more than it saves
_SHARE = 0.51  # of the bytes for the child, so that both end at about the same time
_PATIENCE = 600.0  # seconds; a hang guard

_BROKEN = "\0broken"  # the name of what a child could not parse
_CALLS = "\0calls"  # behind the name of a file's facts, that of its calls, which are opened later

Broken = dict[str, str]
Names = Mapping[str, str]
Task = Callable[[], object]


def parsed(tree: Tree, meanwhile: Task = lambda: None) -> tuple[dict[str, Module], Broken]:
    """Return the facts of every Python file, and why the others have none; the cache is used when they are many.

    Args:
        tree: The files.
        meanwhile: What is to be done anyway, done here while another process parses its larger share.
    """
    names = {path: f"{path}\0{tree.digests[path]}" for path in tree.python}
    if len(names) < CACHED:
        few: dict[str, bytes] = {}
        broken = _parsed_here(tree.root, names, few.__setitem__)
        return _opened(names, few), broken
    from agentctl.checklist import cache

    store = cache.Store("facts", tree.root)
    held = store.read()
    missing = {path: name for path, name in names.items() if name not in held}
    found: list[Mapping[str, bytes]] = [held]
    if len(missing) >= SHARED:
        fresh, broken = _parsed_apart(tree.root, missing, meanwhile)
    else:
        fresh, broken = _parsed_alone(tree.root, missing)
    found += fresh
    whole: ChainMap[str, bytes] = ChainMap(*found)  # type: ignore[arg-type]  # it is only read
    if any(fresh):
        wanted = (each for name in names.values() for each in (name, name + _CALLS))
        store.write((name, whole[name]) for name in wanted if name in whole)
    return _opened(names, whole), broken


def main(arguments: list[str]) -> None:
    """Parse the files that one file lists and write their facts into another."""
    root, given, wanted = map(Path, arguments)
    names = marshal.loads(given.read_bytes())  # noqa: S302 - written by our parent a moment ago
    made = Spool.made(wanted)
    made.keep(_BROKEN, marshal.dumps(_parsed_here(root, names, made.keep)))


def _parsed_here(root: Path, names: Names, keep: Callable[[str, bytes], None]) -> Broken:
    broken: Broken = {}
    with without_collecting():
        for path, name in names.items():
            text, problem = texts.text_of(f"{root}/{path}")
            if text is None:
                broken[path] = problem
                continue
            try:
                facts = visitor.parse(text, path)
            except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
                broken[path] = f"does not parse: {type(error).__name__}"
                continue
            keep(name + _CALLS, marshal.dumps(facts["calls"]))
            keep(name, marshal.dumps({**facts, "calls": ()}))
    return broken


def _parsed_alone(root: Path, names: Names) -> tuple[list[Mapping[str, bytes]], Broken]:
    try:
        made = Spool.made()
        return [made], _parsed_here(root, names, made.keep)
    except OSError:  # no place for a file, so that all of it is held
        held: dict[str, bytes] = {}
        return [held], _parsed_here(root, names, held.__setitem__)


def _parsed_apart(root: Path, names: Names, meanwhile: Task) -> tuple[list[Mapping[str, bytes]], Broken]:
    """Parse one share in a child and the other here; all of it here when the child does not answer."""
    if (os.cpu_count() or 1) == 1:
        return _parsed_alone(root, names)
    import tempfile

    from agentctl import process
    from agentctl.errors import NoAnswerError

    theirs, ours = _shares(root, names)
    with tempfile.TemporaryDirectory(prefix="agentctl-") as folder:
        given, wanted = Path(folder) / "names", Path(folder) / "facts"
        given.write_bytes(marshal.dumps(theirs))
        # -P: the folder that we stand in may hold a module of any name
        command = [sys.executable, "-P", "-m", "agentctl.checklist.facts.parsing", str(root), str(given), str(wanted)]
        try:
            with process.started_child(command) as child:
                meanwhile()
                made, broken = _parsed_alone(root, ours)
                process.wait(child, _PATIENCE)
                others = Spool.opened(wanted)
                broken |= marshal.loads(others[_BROKEN])  # noqa: S302 - our own child's
        except (NoAnswerError, OSError, ValueError, EOFError, KeyError):
            return _parsed_alone(root, names)
    return [*made, others], broken


def _shares(root: Path, names: Names) -> tuple[dict[str, str], dict[str, str]]:
    rows = list(names.items())
    sizes = [_size(f"{root}/{path}") for path in names]
    left = _SHARE * sum(sizes)
    for place, size in enumerate(sizes):
        left -= size
        if left <= 0:
            return dict(rows[:place]), dict(rows[place:])
    return {}, dict(rows)


def _size(path: str) -> int:
    with suppress(OSError):
        return os.stat(path).st_size  # noqa: PTH116 - a name, not a path
    return 0


def _opened(names: Names, packed: Mapping[str, bytes]) -> dict[str, Module]:
    modules: dict[str, Module] = {}
    shared = Shared()
    with without_collecting():
        for path, name in names.items():
            if name in packed:
                raw: dict[str, Any] = marshal.loads(packed[name])  # noqa: S302 - our own, whole by its digest
                modules[path] = Module(raw, partial(packed.__getitem__, name + _CALLS), shared)
    return modules


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
