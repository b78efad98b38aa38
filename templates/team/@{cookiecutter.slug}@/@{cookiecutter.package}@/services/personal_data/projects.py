"""What clients had done in projects."""

from collections.abc import AsyncIterator

from pydantic import JsonValue

from ...config.secrets import encryption_keys
from ...interfaces.personal_data import PersonalData
from ...models.project import ProjectView
from ...utils.encryption import Cipher
from ..project_data import ProjectData
from ..project_rows import ProjectRows
from ..resources import Resources


class ProjectsOfPeople(PersonalData):
    """Goals, plans, results, answers, and questions with what was said to them; events say nothing more."""

    name = "projects"

    def __init__(self, data: ProjectData) -> None:
        self._data = data

    async def export(self, subject: str) -> AsyncIterator[dict[str, JsonValue]]:
        """Yield the projects, readable."""
        async for project in self._data.of(subject):
            shown = ProjectView.of(project).model_dump(mode="json")
            asked: list[JsonValue] = [one.model_dump(mode="json") for one in await self._data.questions(project.id)]
            yield {**shown, "correlation_id": project.correlation_id, "asked": asked}

    async def erase(self, subject: str) -> int:
        """Delete the projects; one that runs ends with its next step."""
        return await self._data.delete(subject)

    async def renew_encryption(self) -> int:
        """Encrypt the projects anew."""
        return await self._data.renew_encryption()

    async def sweep(self) -> int:
        """Delete old projects."""
        return await self._data.delete_old()


def holder(resources: Resources) -> PersonalData:
    """Return the place."""
    settings = resources.settings
    rows = ProjectRows(Cipher(encryption_keys(settings)))
    return ProjectsOfPeople(ProjectData(resources.store, rows, settings.session_retention_days))
