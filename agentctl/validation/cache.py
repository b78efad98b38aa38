"""What files came to the last time: kept in the user's cache folder, never in the tree that is looked at.

One file for each combination of version, project, schemas and settings; in it each file's outcome by name, with the
digest of the content that it belongs to. Whether the content is still the same is told by what the file system says of
the file (size, times, inode), as git does it, and by the digest where that has changed.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import Any

from agentctl import __version__
from agentctl.documents import schemas
from agentctl.results import Finding, Location, Severity, Verdict
from agentctl.validation.discovery import Candidate, Governance
from agentctl.validation.outcome import Outcome

MOST_FILES = 50_000  # in one cache file
MOST_CACHES = 32  # the oldest go first
_YOUNG = 2_000_000_000  # nanoseconds in which another change of a file may leave its times as they are
_PACKAGE = Path(__file__).resolve().parents[1]


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
        self._made: dict[str, list[Any]] = {}
        self.outcomes: list[Outcome] = []
        self.clean = 0
        self._start = time.time_ns()

    @cached_property
    def _known(self) -> Mapping[str, list[Any]]:
        return _read(self._path)

    def take(self, candidate: Candidate) -> bool:
        """Return whether a file's outcome is known, which then stands in ``outcomes`` (or only counts as clean)."""
        key = candidate.name + "\0" if candidate.named else candidate.name
        entry = self._known.get(key)
        if entry is None:
            return False
        try:
            signature, digest, told = entry
            now = _signature(candidate.at)
            if now != signature:
                if now is None or _digest_of_file(candidate.at) != digest:
                    return False
                self._made[key] = [self._lasting(now), digest, told]
            if told:
                self.outcomes.append(_outcome(candidate.name, told))
            else:
                self.clean += 1
        except (ValueError, TypeError, KeyError, AttributeError):
            return False
        return True

    def put(self, candidate: Candidate, signature: list[int] | None, outcome: Outcome) -> None:
        """Keep an outcome that depends on the file's text alone."""
        if not outcome.text or signature is None:
            return
        digest = _sha256(outcome.text.encode("utf-8", "surrogatepass"))
        told: Any = 0 if outcome.is_clean else _told(outcome)
        self._made[_key(candidate)] = [self._lasting(signature), digest, told]

    def write(self) -> None:
        """Write what is new, in one step; a cache that cannot be written is none."""
        if not self._made:
            return
        entries = dict(list({**self._known, **self._made}.items())[-MOST_FILES:])
        body = json.dumps(entries, separators=(",", ":")).encode()
        partial = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            try:
                partial.write_bytes(_sha256(body).encode() + b"\n" + body)
                partial.replace(self._path)
            finally:
                partial.unlink(missing_ok=True)
            _drop_oldest(self._path.parent)

    def _lasting(self, signature: list[int]) -> list[int] | None:
        """Return the signature, or None where the file is so young that a further change might not show in it."""
        return signature if self._start - max(signature[1:3]) > _YOUNG else None


def opened(governance: Governance, disabled: Iterable[str]) -> Cache | None:
    """Return the cache that belongs to a run, or None where there is no place for it outside of the project."""
    where = folder()
    if where is None or where.is_relative_to(governance.root):
        return None
    told = {
        "agentctl": [__version__, sys.version, _stamps(_PACKAGE.rglob("*.py"))],
        "place": [str(governance.root), str(Path.cwd())],
        "kinds": _stamps(one.path for one in schemas.kinds().values()),
        "chosen": _told_schema(governance.chosen),
        "settings": [(pattern.pattern, _told_schema(schema)) for pattern, schema in governance.settings],
        "disabled": sorted(disabled),
    }
    return Cache(where / f"{_sha256(json.dumps(told, default=str).encode())[:32]}.json")


def signature(candidate: Candidate) -> list[int] | None:
    """Return what the file system says of a regular file: size, times of change in nanoseconds, inode."""
    return _signature(candidate.at)


def _signature(path: str) -> list[int] | None:
    try:
        found = os.stat(path)  # noqa: PTH116 - called for every file
    except (OSError, ValueError):
        return None
    return [found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino]


def _key(candidate: Candidate) -> str:
    return candidate.name + "\0" if candidate.named else candidate.name


def _stamps(paths: Iterable[Path]) -> list[tuple[Any, ...]]:
    """Return names, sizes and times of files, so that an agentctl that is being worked on keeps no old answers."""
    return sorted((path.name, *(_signature(os.fspath(path)) or ())) for path in paths)


def _told_schema(schema: schemas.Schema | None) -> Any:
    return None if schema is None else [schema.kind, str(schema.path), schema.content]


def _digest_of_file(path: str) -> str:
    from agentctl.documents import reading
    from agentctl.documents.model import BadDocumentError

    try:
        return _sha256(reading.read_file(Path(path)))
    except BadDocumentError:
        return ""


def _read(path: Path) -> dict[str, list[Any]]:
    """Return what a cache file holds; nothing when it is not there, damaged or of another form."""
    try:
        digest, _, body = path.read_bytes().partition(b"\n")
        found = json.loads(body) if _sha256(body).encode() == digest else {}
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _drop_oldest(where: Path) -> None:
    caches = sorted(where.glob("*.json"), key=lambda path: path.stat().st_mtime)
    for path in caches[:-MOST_CACHES]:
        path.unlink(missing_ok=True)


def _told(outcome: Outcome) -> dict[str, Any]:
    return {
        "governed": outcome.governed,
        "notice": outcome.notice,
        "unlisted": outcome.unlisted,
        "findings": [asdict(one) for one in outcome.findings],
    }


def _outcome(name: str, told: Mapping[str, Any]) -> Outcome:
    return Outcome(
        name=name,
        governed=told["governed"],
        notice=told["notice"],
        unlisted=told["unlisted"],
        findings=tuple(map(_finding, told["findings"])),
    )


def _finding(told: Mapping[str, Any]) -> Finding:
    return Finding(
        id=told["id"],
        verdict=Verdict(told["verdict"]),
        severity=Severity(told["severity"]),
        message=told["message"],
        title=told["title"],
        hint=told["hint"],
        frame=told["frame"],
        evidence=tuple(Location(**place) for place in told["evidence"]),
    )
