"""The facts of all Python files of a tree: from the cache where the content is known, else parsed, in two processes.

As a program (``python -m agentctl.checklist.facts.parsing TEXTS FACTS``) it parses one share and writes the facts.
"""

from __future__ import annotations

import gc
import marshal
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from agentctl import process
from agentctl.checklist import cache
from agentctl.checklist.facts import packing, symbols, visitor
from agentctl.checklist.facts.model import Module
from agentctl.errors import NoAnswerError

CACHED = 100  # files; fewer are parsed faster than a cache is worth
SHARED = 300  # files; below, starting a second process costs more than it saves
_SHARE = 0.45  # of the text for the child, which has to start and to hand over
_PATIENCE = 600.0  # seconds; a hang guard

Parsed = tuple[dict[str, Module], dict[str, str]]


def parsed(texts: Mapping[str, str], digests: Mapping[str, str], root: Path) -> Parsed:
    """Return the facts of every Python file, and why the others have none.

    Args:
        texts: The Python files by path.
        digests: SHA-256 of each text, by path.
        root: The tree; its own cache entry is used when there are many files.
    """
    if len(texts) < CACHED:
        return _parsed_here(texts)
    store = cache.Store("facts", root)
    keys = {path: f"{path}\0{digests[path]}" for path in texts}
    held = store.read()
    modules = dict(_unpacked(held, keys))
    missing = {path: text for path, text in texts.items() if path not in modules}
    handed: dict[str, bytes] = {}
    found, broken = _parsed_apart(missing, handed) if len(missing) >= SHARED else _parsed_here(missing)
    if missing:
        fresh = {keys[path]: handed.get(path) or packing.packed(module) for path, module in found.items()}
        store.write({**{key: held[key] for key in keys.values() if key in held}, **fresh})
    return {path: module for path in texts if (module := modules.get(path) or found.get(path))}, broken


def main(arguments: list[str]) -> None:
    """Parse the texts of one file into another."""
    given, wanted = map(Path, arguments)
    texts = marshal.loads(given.read_bytes())  # noqa: S302 - written by our parent a moment ago
    modules, broken = _parsed_here(texts)
    wanted.write_bytes(marshal.dumps(({path: packing.packed(m) for path, m in modules.items()}, broken)))


def _parsed_here(texts: Mapping[str, str]) -> Parsed:
    modules: dict[str, Module] = {}
    broken: dict[str, str] = {}
    with without_collecting():
        for path, text in texts.items():
            name, package = symbols.module_name(path)
            try:
                modules[path] = visitor.parse(text, path, name, package=package)
            except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
                broken[path] = f"does not parse: {type(error).__name__}"
    return modules, broken


def _parsed_apart(texts: Mapping[str, str], handed: dict[str, bytes]) -> Parsed:
    """Parse one share in a child and the other here; all of it here when the child does not answer.

    ``handed`` receives the child's facts as it packed them.
    """
    if (os.cpu_count() or 1) == 1:
        return _parsed_here(texts)
    theirs, ours = _shares(texts)
    with tempfile.TemporaryDirectory(prefix="agentctl-") as folder:
        given, wanted = Path(folder) / "texts", Path(folder) / "facts"
        given.write_bytes(marshal.dumps(theirs))
        # -P: the folder that we stand in may hold a module of any name
        command = [sys.executable, "-P", "-m", "agentctl.checklist.facts.parsing", str(given), str(wanted)]
        try:
            with process.started_child(command) as child:
                modules, broken = _parsed_here(ours)
                process.wait(child, _PATIENCE)
                others, more = marshal.loads(wanted.read_bytes())  # noqa: S302 - our own child's
        except (NoAnswerError, OSError, ValueError, EOFError):
            return _parsed_here(texts)
    handed.update(others)
    with without_collecting():
        modules.update((path, packing.unpacked(data)) for path, data in others.items())
    return modules, {**broken, **more}


def _shares(texts: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    theirs: dict[str, str] = {}
    left = _SHARE * sum(map(len, texts.values()))
    for path, text in texts.items():
        if left <= 0:
            break
        theirs[path] = text
        left -= len(text)
    return theirs, {path: text for path, text in texts.items() if path not in theirs}


def _unpacked(held: Mapping[str, bytes], keys: Mapping[str, str]) -> Iterable[tuple[str, Module]]:
    with without_collecting():
        for path, key in keys.items():
            data = held.get(key)
            if data is not None:
                with suppress(ValueError, EOFError, TypeError):
                    yield path, packing.unpacked(data)


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
