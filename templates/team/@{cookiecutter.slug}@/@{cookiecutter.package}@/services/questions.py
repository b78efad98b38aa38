"""Questions of projects to people: found, answered, refused; what nobody answers in time is settled all the same."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime

from ..exceptions import InvalidInputError, ResourceError
from ..exceptions.projects import ProjectConflictError, ProjectNotFoundError, QuestionNotFoundError
from ..interfaces.question_store import QuestionStore
from ..models.pause import QuestionKind
from ..models.questions import Question, QuestionStatus
from ..utils.tenancy import every_tenant
from .projects import Projects

SWEEP_SECONDS = 5.0
AT_ONCE = 50
"""Questions, and projects, that one sweep sees to at most."""


class Questions:
    """Everything that can be done with questions.

    Args:
        store: Keeps them.
        projects: Go on with the answers.
    """

    def __init__(self, store: QuestionStore, projects: Projects) -> None:
        self._store = store
        self._projects = projects

    async def waiting(self, owner: str | None, limit: int) -> Sequence[Question]:
        """Return what waits for the owner of projects, or for anybody; what is due first comes first."""
        return await self._store.open_questions(owner, limit)

    async def get(self, question_id: str, owner: str | None) -> Question:
        """Return a question.

        Raises:
            QuestionNotFoundError: There is none, or its project is somebody else's.
        """
        question = await self._store.question(question_id)
        if question is None:
            raise QuestionNotFoundError
        try:
            await self._projects.get(question.project_id, owner)
        except ProjectNotFoundError as error:
            raise QuestionNotFoundError from error
        return question

    async def settle(self, question_id: str, owner: str | None, status: QuestionStatus, text: str) -> Question:
        """Note a person's answer or refusal, once, and let the project go on.

        Raises:
            QuestionNotFoundError: There is none, or its project is somebody else's.
            ProjectConflictError: It was settled before.
            InvalidInputError: A question cannot be answered with nothing.
        """
        question = await self.get(question_id, owner)
        if question.kind is QuestionKind.QUESTION and status is QuestionStatus.ANSWERED and not text:
            message = "An answer needs a text; to say nothing, refuse it."
            raise InvalidInputError(message)
        settled = await self._store.settle(question_id, status, text)
        await self._go_on(settled.project_id)
        return settled

    async def sweep(self) -> None:
        """Settle what nobody answered in time, and go on with what waits although it has its answers, of all tenants.

        Raises:
            StoreError: The store cannot be had.
        """
        with every_tenant():  # a project that goes on does so for its own tenant
            for question_id in await self._store.overdue(datetime.now(UTC), AT_ONCE):
                with suppress(ProjectConflictError):  # answered just now, or by the sweep of another process
                    await self._store.settle(question_id, QuestionStatus.EXPIRED, "Nobody answered in time.")
            for project_id in await self._store.able_to_go_on(AT_ONCE):
                await self._go_on(project_id)

    async def _go_on(self, project_id: str) -> None:
        with suppress(ProjectConflictError, ResourceError):  # it is at work already, or a later sweep goes on with it
            await self._projects.go_on(project_id)
