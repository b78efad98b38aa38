"""The audit trail as a file of JSON lines."""

import json
import os
from pathlib import Path

from ..exceptions import AuditError
from ..interfaces.audit import AuditTrail
from ..models.audit import AuditEntry

APPEND_ONLY = os.O_WRONLY | os.O_APPEND | os.O_CREAT


class FileAuditTrail(AuditTrail):
    """Adds one line per entry, in one write, so that several processes can share the file.

    The file is opened for each entry: log rotation needs no signal.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def record(self, entry: AuditEntry) -> None:
        """Add an entry."""
        line = json.dumps(entry.as_dict(), ensure_ascii=False) + "\n"
        self._append(line.encode())

    def check(self) -> None:
        """Find out whether the file can be opened for adding."""
        self._append(b"")

    def _append(self, data: bytes) -> None:
        try:
            descriptor = self._opened()
            try:
                os.write(descriptor, data)
            finally:
                os.close(descriptor)
        except OSError as error:
            message = "the audit trail cannot be written"
            raise AuditError(message) from error

    def _opened(self) -> int:
        try:
            return os.open(self._path, APPEND_ONLY, 0o600)
        except FileNotFoundError:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            return os.open(self._path, APPEND_ONLY, 0o600)
