"""Records of runs, bound to the content that they ran on.

``test`` and ``loadtest`` write them, ``checklist`` reads them: a figure counts only while the sources, tests, settings
and locks are what they were when it was measured.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import stat
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from agentctl import __version__, files
from agentctl.errors import NoAnswerError

FOLDER = ".agentctl/records"
SCHEMA = "urn:agentctl:schemas:record:1"
KEPT = 20
_CHUNK = 1 << 20  # bytes
_LARGEST = 64 << 20  # bytes; a longer file is none of ours
_SUFFIXES = frozenset({
    ".py", ".pyi", ".toml", ".cfg", ".ini", ".yaml", ".yml", ".json", ".lock", ".sql", ".csv", ".jsonl",
    ".j2", ".jinja", ".jinja2", ".prompt",
})  # fmt: skip
_PINS = re.compile(r"(requirements|constraints)[\w.-]*\.txt$")
_NOT_BOUND = frozenset({".github", ".gitlab", "docs", "deploy", ".vscode", ".idea"})
GITIGNORE = "# What agentctl makes anew; the rest of this folder is kept.\nrecords/\ncache/\n.gitignore\n"


@dataclass(frozen=True, kw_only=True)
class Content:
    """The files that a run depends on: ``files`` maps relative path to SHA-256, ``digest`` is over all of them."""

    digest: str
    files: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Record:
    """One run.

    Attributes:
        kind: ``test`` or ``loadtest``.
        verdict: ``pass``, ``fail`` or ``invalid``.
        created: ISO 8601 in UTC, when the run ended.
        command: The argument list of the run.
        content: What it ran on, taken before the run started.
        commit: The commit checked out, or None.
        figures: Numbers by stable name; percentages from 0 to 100, durations in seconds, rates per second.
        details: What else the checks read (suites, gates, target, plan).
    """

    kind: str
    verdict: str
    command: Sequence[str]
    content: Content
    figures: Mapping[str, float | int | str | None]
    created: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    commit: str | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    details: Mapping[str, Any] = field(default_factory=dict)
    path: str | None = None


def content(root: Path) -> Content:
    """Hash the project's sources, tests, settings and locks as they are now."""
    hashes = {name: _hash(root / name) for name in files.listed(root) if is_bound(name)}
    whole = hashlib.sha256(
        "".join(f"{name}\0{value}\n" for name, value in sorted(hashes.items())).encode("utf-8", "surrogateescape")
    )
    return Content(digest=whole.hexdigest(), files=hashes)


def versions() -> dict[str, str]:
    """Return the versions of what ran: agentctl, Python, the system."""
    return {"agentctl": __version__, "python": platform.python_version(), "system": platform.platform(terse=True)}


def write(root: Path, record: Record) -> Path:
    """Write the record under the project, whole or not at all, and drop all but the newest of its kind.

    Raises:
        NoAnswerError: The folder cannot be written, so that the run would prove nothing.
    """
    folder = root / FOLDER
    path = _free(folder, record)
    values = {"schema": SCHEMA, **{key: value for key, value in asdict(record).items() if key != "path"}}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        ignore = folder.parent / ".gitignore"
        if not ignore.exists():
            ignore.write_text(GITIGNORE, encoding="utf-8")
        partial = path.with_suffix(".partial")
        partial.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")
        partial.replace(path)
        for old in sorted(folder.glob(f"{record.kind}-*.json"))[:-KEPT]:
            old.unlink(missing_ok=True)
    except OSError as error:
        raise NoAnswerError(
            f"{folder}: the record of the run cannot be written: {error.strerror}", hint="make the folder writable"
        ) from error
    return path


def read(root: Path, kind: str) -> list[Record]:
    """Return the project's records of a kind, newest first; files that are no records are passed over."""
    folder = root / FOLDER
    found = (_parse(path, root) for path in sorted(folder.glob(f"{kind}-*.json"), reverse=True))
    kept = (record for record in found if record and record.kind == kind)
    return sorted(kept, key=lambda record: record.created, reverse=True)


def changed(record: Record, now: Content) -> list[str]:
    """Return the files that differ between the record's content and today's; empty when the record is fresh."""
    then, today = record.content.files, now.files
    return sorted(name for name in then.keys() | today.keys() if then.get(name) != today.get(name))


def is_bound(name: str) -> bool:
    """Return whether a run depends on a file, by its path from the root."""
    path = PurePosixPath(name)
    if path.parts[0] in _NOT_BOUND:
        return False
    return path.suffix in _SUFFIXES or bool(_PINS.search(path.name))


def _hash(path: Path) -> str:
    try:
        with path.open("rb", buffering=0) as stream:
            digest = hashlib.sha256()
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
            return digest.hexdigest()
    except OSError:
        return "unreadable"


def _free(folder: Path, record: Record) -> Path:
    """Return a file name of the record's own, in the order of time."""
    stamp = re.sub(r"\D", "", record.created)[:14]
    number = 0
    while (path := folder / f"{record.kind}-{stamp}-{os.getpid()}-{number:03}.json").exists():
        number += 1
    return path


def parse(text: str, path: str) -> Record | None:
    """Return the record that a text is, or None; ``path`` is where it stands."""
    try:
        values = json.loads(text)
        if values.pop("schema") != SCHEMA or not _well_formed(values):
            return None
        values["content"] = Content(**values["content"])
        return Record(**{**values, "path": path})
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def _parse(path: Path, root: Path) -> Record | None:
    try:
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST:
            return None
        return parse(path.read_text(encoding="utf-8"), path.relative_to(root).as_posix())
    except (OSError, ValueError):
        return None


def _well_formed(values: Mapping[str, Any]) -> bool:
    texts = (values["kind"], values["verdict"], values["created"], values["content"]["digest"])
    tables = (values["figures"], values["versions"], values["details"], values["content"]["files"])
    return all(isinstance(text, str) for text in texts) and all(isinstance(table, dict) for table in tables)
