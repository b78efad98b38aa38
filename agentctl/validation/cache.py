"""What files came to the last time: kept in the user's cache folder, never in the tree that is looked at.

One file for each combination of version, project, schemas and settings; in it each file's outcome by name, with the
digest of the content that it belongs to. Whether the content is still the same is told by what the file system says of
the file (size, times, inode), as git does it, and by the digest where that has changed.
"""

from __future__ import annotations

import json
import marshal
import os
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any

from agentctl import __version__
from agentctl.documents import schemas
from agentctl.validation import kept
from agentctl.validation.discovery import Candidate, Governance
from agentctl.validation.outcome import Outcome

MOST_FILES = 50_000  # in one cache file
ENDING = ".marshal"
MOST_CACHES = 32  # the oldest go first
_YOUNG = 2_000_000_000  # nanoseconds in which another change of a file may leave its times as they are
_PACKAGE = Path(__file__).resolve().parents[1]
Signature = tuple[int, int, int, int]  # size, times of change in nanoseconds, inode
Entry = tuple[Signature | None, str, Mapping[str, Signature | None], Mapping[str, Any]]  # digest, schemas, what came


def folder() -> Path | None:
    """Return the user's cache folder for results, None when there is no home."""
    told = os.environ.get("XDG_CACHE_HOME") or (os.environ.get("LOCALAPPDATA") if os.name == "nt" else None)
    try:
        usual = "~/Library/Caches" if sys.platform == "darwin" else "~/.cache"
        base = Path(told) if told else Path(usual).expanduser()
    except RuntimeError:
        return None
    return base / "agentctl" / "validate" if base.is_absolute() else None


def _sha256(data: bytes) -> str:
    from hashlib import sha256

    return sha256(data).hexdigest()


class Cache:
    """The outcomes of one combination of version, project, schemas and settings."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._made: dict[str, Entry] = {}
        self._schemas: dict[str, Signature | None] = {}
        self.outcomes: list[Outcome] = []
        self.clean = 0
        self._start = time.time_ns()

    @cached_property
    def _known(self) -> Mapping[str, Entry]:
        return _read(self._path)

    def take(self, candidate: Candidate) -> bool:
        """Return whether a file's outcome is known, which then stands in ``outcomes`` (or only counts as clean)."""
        key = _key(candidate)
        entry = self._known.get(key)
        if entry is None:
            return False
        try:
            before, digest, schemas, told = entry
            now = signature(candidate)
            if now != before:
                if now is None or _digest_of_file(candidate.at) != digest:
                    return False
                self._made[key] = (self._lasting(now), digest, schemas, told)
            if schemas and not self._are_unchanged(schemas):
                return False
            if told:
                self.outcomes.append(kept.outcome(candidate, told))
            else:
                self.clean += 1
        except (ValueError, TypeError, KeyError, AttributeError):
            return False
        return True

    def put(self, candidate: Candidate, before: Signature | None, outcome: Outcome) -> None:
        """Keep an outcome that depends on files alone; the signature was taken before the file was read."""
        if outcome.source is None or before is None:
            return
        digest = _sha256(outcome.source.text.encode("utf-8", "surrogatepass"))
        schemas = {path: self._schema(path) for path in outcome.source.schemas}
        if all(state is None or self._lasting(state) for state in schemas.values()):
            self._made[_key(candidate)] = (self._lasting(before), digest, schemas, kept.told(outcome))

    def write(self) -> None:
        """Write what is new, in one step; a cache that cannot be written is none."""
        if not self._made:
            return
        entries = dict(list({**self._known, **self._made}.items())[-MOST_FILES:])
        partial = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        with suppress(OSError, ValueError):  # what marshal cannot write is not kept
            body = marshal.dumps(entries)
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            try:
                partial.write_bytes(_sha256(body).encode() + b"\n" + body)
                partial.replace(self._path)
            finally:
                partial.unlink(missing_ok=True)
            _drop_oldest(self._path.parent)

    def _are_unchanged(self, schemas: Mapping[str, Signature | None]) -> bool:
        return all(self._schema(path) == before for path, before in schemas.items())

    def _schema(self, path: str) -> Signature | None:
        if path not in self._schemas:
            self._schemas[path] = _signature(path)
        return self._schemas[path]

    def _lasting(self, state: Signature) -> Signature | None:
        """Return the signature, or None where the file is so young that a further change might not show in it."""
        return state if self._start - max(state[1:3]) > _YOUNG else None


def opened(governance: Governance, disabled: Iterable[str]) -> Cache | None:
    """Return the cache that belongs to a run, or None where there is no place for it outside of the project."""
    where = folder()
    if where is None or where.is_relative_to(governance.root):
        return None
    told = {
        "agentctl": [__version__, sys.version, _stamps(_modules())],
        "place": [str(governance.root), str(Path.cwd())],
        "kinds": _stamps(str(one.path) for one in schemas.kinds().values()),
        "chosen": _told_schema(governance.chosen),
        "settings": [(pattern.pattern, _told_schema(schema)) for pattern, schema in governance.settings],
        "disabled": sorted(disabled),
    }
    return Cache(where / f"{_sha256(json.dumps(told, default=str).encode())[:32]}{ENDING}")


def signature(candidate: Candidate) -> Signature | None:
    """Return what the file system says of a file, asked before it is read where a folder's walk has asked."""
    return _signature(candidate.at) if candidate.state is None else _of_state(candidate.state)


def _signature(path: str) -> Signature | None:
    try:
        return _of_state(os.stat(path))  # noqa: PTH116 - called for many files
    except (OSError, ValueError):
        return None


def _of_state(state: os.stat_result) -> Signature:
    return (state.st_size, state.st_mtime_ns, state.st_ctime_ns, state.st_ino)


def _key(candidate: Candidate) -> str:
    return candidate.name + "\0" if candidate.named else candidate.name


def _stamps(paths: Iterable[str]) -> list[tuple[Any, ...]]:
    """Return names, sizes and times of files, so that an agentctl that is being worked on keeps no old answers."""
    return sorted((path, *(_signature(path) or ())) for path in paths)


def _modules() -> Iterator[str]:
    for folder, _, names in os.walk(_PACKAGE):
        yield from (f"{folder}/{name}" for name in names if name.endswith(".py"))


def _told_schema(schema: schemas.Schema | None) -> Any:
    return None if schema is None else [schema.kind, str(schema.path), schema.content]


def _digest_of_file(path: str) -> str:
    from agentctl.documents import reading
    from agentctl.documents.model import BadDocumentError

    try:
        return _sha256(reading.read_file(Path(path)))
    except BadDocumentError:
        return ""


def _read(path: Path) -> dict[str, Entry]:
    """Return what a cache file holds; nothing when it is not there, damaged or of another form."""
    try:
        digest, _, body = path.read_bytes().partition(b"\n")
        found = marshal.loads(body) if _sha256(body).encode() == digest else {}  # noqa: S302 - as Python's own .pyc
    except (OSError, ValueError, EOFError, TypeError):
        return {}
    return found if isinstance(found, dict) else {}


def _drop_oldest(where: Path) -> None:
    caches = sorted(where.glob(f"*{ENDING}"), key=lambda path: path.stat().st_mtime)
    for path in caches[:-MOST_CACHES]:
        path.unlink(missing_ok=True)
