"""Tasks that somebody submitted."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

from pydantic import JsonValue

from ...config.secrets import encryption_keys
from ...interfaces.personal_data import PersonalData
from ...utils.encryption import Cipher
from ..resources import Resources
from ..task_records import TaskRecords


class TaskData(PersonalData):
    """Questions and answers, calls of tools and their results."""

    name = "tasks"

    def __init__(self, records: TaskRecords, keep: timedelta) -> None:
        self._records = records
        self._keep = keep

    async def export(self, subject: str) -> AsyncIterator[dict[str, JsonValue]]:
        """Yield the tasks, readable."""
        async for work in self._records.works(subject):
            wanted = work.wanted.model_dump(mode="json", include={"question", "arguments"})
            yield {**wanted, **work.task.model_dump(mode="json")}

    async def erase(self, subject: str) -> int:
        """Delete the tasks."""
        return await self._records.erase(subject)

    async def renew_encryption(self) -> int:
        """Encrypt the tasks anew."""
        return await self._records.renew_encryption()

    async def sweep(self) -> int:
        """Delete tasks that ended long ago."""
        return await self._records.prune(datetime.now(UTC) - self._keep)


def holder(resources: Resources) -> PersonalData:
    """Return the place."""
    settings = resources.settings
    records = TaskRecords(resources.store, Cipher(encryption_keys(settings)))
    return TaskData(records, timedelta(days=settings.limits.task_retention_days))
