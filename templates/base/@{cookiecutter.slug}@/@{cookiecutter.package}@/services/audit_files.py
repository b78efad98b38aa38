"""The files of the audit trail: a new one for each day, told, erased from and deleted while the service writes on.

The service opens the trail for each entry, so the current file can be renamed at any time.
"""

import json
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ..utils.tenancy import DEFAULT_TENANT, current_tenant

CURRENT = "audit.jsonl"
OTHERS = "audit-*.jsonl"
ERASED = "[erased]"
ROTATED_AFTER = timedelta(days=1)
WRITERS_ARE_DONE_SECONDS = 0.2
"""How long a writer that opened the file before it was renamed may need for its one line."""

Entry = dict[str, str]


class AuditFiles:
    """The trail in one state folder; several replicas of one host may share it.

    Args:
        folder: Where the files lie.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def of(self, subject: str) -> list[Entry]:
        """Return the entries about a subject of the tenant, oldest first."""
        paths = [*sorted(self._folder.glob(OTHERS)), *self._folder.glob(CURRENT)]
        return [entry for path in paths for entry in _entries(path) if _about(entry, subject)]

    def rotate(self) -> None:
        """Give the entries so far a file of their own; without any nothing happens."""
        current = self._folder / CURRENT
        with suppress(FileNotFoundError):  # another replica was first
            if current.stat().st_size:
                current.rename(self._folder / f"audit-{datetime.now(UTC):%Y%m%dT%H%M%S%f}.jsonl")
                time.sleep(WRITERS_ARE_DONE_SECONDS)

    def prune(self, keep: timedelta) -> int:
        """Delete the files whose last entry is older than ``keep``; return how many."""
        now = datetime.now(UTC)
        first = next(_entries(self._folder / CURRENT), None)
        if first is not None and datetime.fromisoformat(first["time"]) < now - ROTATED_AFTER:
            self.rotate()
        expired = [path for path in self._folder.glob(OTHERS) if _last_time(path) < now - keep]
        for path in expired:
            path.unlink(missing_ok=True)
        return len(expired)

    def erase(self, subject: str) -> int:
        """Take a subject, and what could lead to it, out of every entry; return how many named it."""
        self.rotate()
        return sum(_erase_from(path, subject) for path in self._folder.glob(OTHERS))


def _entries(path: Path) -> Iterator[Entry]:
    with suppress(FileNotFoundError), path.open(encoding="utf-8") as file:
        for line in file:
            if line.endswith("\n"):  # else it is being written
                yield json.loads(line)


def _about(entry: Entry, subject: str) -> bool:
    """Return whether an entry is about a subject of the current tenant; older entries name none."""
    return entry["subject"] == subject and entry.get("tenant", DEFAULT_TENANT) == current_tenant()


def _last_time(path: Path) -> datetime:
    """Return when the last entry was made; a file without any counts as old."""
    times = [datetime.fromisoformat(entry["time"]) for entry in _entries(path)]
    return max(times, default=datetime.min.replace(tzinfo=UTC))


def _erase_from(path: Path, subject: str) -> int:
    """Write a file anew without the subject, in one step; return how many entries named it."""
    before = list(_entries(path))
    named = sum(_about(entry, subject) for entry in before)
    if named:
        draft = path.with_name(f".{path.name}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.writelines(json.dumps(_without(entry, subject), ensure_ascii=False) + "\n" for entry in before)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    return named


def _without(entry: Entry, subject: str) -> Entry:
    if not _about(entry, subject):
        return entry
    return {**entry, "subject": ERASED, "digest": "", "correlation_id": ""}
