"""Who did what."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

from pydantic import JsonValue

from ...interfaces.personal_data import PersonalData
from ..audit_files import AuditFiles
from ..resources import Resources


class AuditData(PersonalData):
    """The entries of the audit trail. Erasing leaves that something happened, when, and how it ended."""

    name = "audit_trail"

    def __init__(self, files: AuditFiles, keep: timedelta) -> None:
        self._files = files
        self._keep = keep

    async def export(self, subject: str) -> AsyncIterator[dict[str, JsonValue]]:
        """Yield the entries."""
        for entry in await asyncio.to_thread(self._files.of, subject):
            yield {**entry}

    async def erase(self, subject: str) -> int:
        """Take the subject, and what could lead to it, out of the entries."""
        return await asyncio.to_thread(self._files.erase, subject)

    async def sweep(self) -> int:
        """Delete the files whose last entry is old."""
        return await asyncio.to_thread(self._files.prune, self._keep)


def holder(resources: Resources) -> PersonalData:
    """Return the place."""
    settings = resources.settings
    return AuditData(AuditFiles(settings.state_dir), timedelta(days=settings.audit_retention_days))
