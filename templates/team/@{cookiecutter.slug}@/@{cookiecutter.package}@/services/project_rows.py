"""Projects as rows, and back; what clients and members wrote is encrypted, and of no use in another row."""

from collections.abc import Iterable
from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict

from ..models.plan import Plan, StepId
from ..models.project import Goal, Project, ProjectAnswer, ProjectStatus, StepState
from ..models.project_events import PROJECT_EVENTS, NumberedEvent, ProjectEvent
from ..models.questions import Question, QuestionStatus
from ..models.spending import Spending
from ..models.tables.projects import ProjectCallRow, ProjectEventRow, ProjectQuestionRow, ProjectRow, ProjectStepRow
from ..utils.encryption import Cipher


class _Content(BaseModel):
    """What is encrypted of a project itself."""

    model_config = ConfigDict(frozen=True)

    goal: Goal
    plan: Plan | None
    answer: ProjectAnswer | None
    questions: int = 0


class ProjectRows:
    """Writes and reads rows.

    Args:
        cipher: Encrypts what was written.
    """

    def __init__(self, cipher: Cipher) -> None:
        self._cipher = cipher

    def write(self, row: ProjectRow, project: Project) -> None:
        """Put what changes of a project into its row."""
        content = _Content(goal=project.goal, plan=project.plan, answer=project.answer, questions=project.questions)
        row.status = project.status
        row.content = self._cipher.encrypt(content.model_dump_json(), _place("project", project.id))
        row.spent = project.spent.model_dump_json()
        row.runs = project.runs
        row.updated_at = datetime.now(UTC)

    def read(self, row: ProjectRow, steps: Iterable[ProjectStepRow]) -> Project:
        """Return the project of a row and of the rows of its steps."""
        decrypted = self._cipher.decrypt(row.content, _place("project", row.id))
        content = _Content.model_validate_json(decrypted)
        return Project(
            id=row.id,
            owner=row.owner,
            tenant=row.tenant,
            correlation_id=row.correlation_id,
            status=status_of(row),
            goal=content.goal,
            plan=content.plan,
            answer=content.answer,
            steps={step.step_id: self._state(step) for step in steps},
            spent=Spending.model_validate_json(row.spent),
            runs=row.runs,
            questions=content.questions,
            cancel_requested=row.cancel_requested,
            created_at=row.created_at,
        )

    def step(self, project: Project, step_id: StepId) -> ProjectStepRow:
        """Return the row of a step."""
        state = project.state(step_id)
        content = self._cipher.encrypt(state.model_dump_json(), _place("step", project.id, step_id))
        return ProjectStepRow(project_id=project.id, step_id=step_id, status=state.status, content=content)

    def event(self, project_id: str, number: int, event: ProjectEvent) -> ProjectEventRow:
        """Return the row of an event."""
        text = PROJECT_EVENTS.dump_json(event).decode()
        content = self._cipher.encrypt(text, _place("event", project_id, number))
        return ProjectEventRow(project_id=project_id, number=number, content=content)

    def told(self, row: ProjectEventRow) -> NumberedEvent:
        """Return the event of a row."""
        text = self._cipher.decrypt(row.content, _place("event", row.project_id, row.number))
        return NumberedEvent(number=row.number, event=PROJECT_EVENTS.validate_json(text))

    def question(self, question: Question) -> ProjectQuestionRow:
        """Return the row of a question."""
        row = ProjectQuestionRow(id=question.id, project_id=question.project_id, due_at=question.due_at, taken=False)
        self.write_question(row, question)
        return row

    def write_question(self, row: ProjectQuestionRow, question: Question) -> None:
        """Put what changes of a question into its row."""
        row.status = question.status
        row.content = self._cipher.encrypt(question.model_dump_json(), _place("question", question.id))

    def asked(self, row: ProjectQuestionRow) -> Question:
        """Return the question of a row."""
        question = Question.model_validate_json(self._cipher.decrypt(row.content, _place("question", row.id)))
        return question.model_copy(update={"status": QuestionStatus(row.status)})  # it may be withdrawn since

    def call(self, project_id: str, step_id: StepId, key: str, content: str) -> ProjectCallRow:
        """Return the row of what a step at work has done."""
        sealed = self._cipher.encrypt(content, _place("call", project_id, step_id, key))
        return ProjectCallRow(project_id=project_id, step_id=step_id, key=key, content=sealed)

    def done(self, row: ProjectCallRow) -> str:
        """Return what a row says was done."""
        return self._cipher.decrypt(row.content, _place("call", row.project_id, row.step_id, row.key))

    def renew(self, row: ProjectRow | ProjectStepRow | ProjectEventRow | ProjectQuestionRow | ProjectCallRow) -> None:
        """Encrypt the content of any of them with the newest key."""
        row.content = self._cipher.renewed(row.content)

    def _state(self, row: ProjectStepRow) -> StepState:
        place = _place("step", row.project_id, row.step_id)
        return StepState.model_validate_json(self._cipher.decrypt(row.content, place))


def status_of(row: ProjectRow) -> ProjectStatus:
    """Return the status; a project that nobody holds is not running, whatever the row says."""
    status = ProjectStatus(row.status)
    if status is ProjectStatus.RUNNING and (row.lease_until is None or row.lease_until < datetime.now(UTC)):
        return ProjectStatus.INTERRUPTED
    return status


def _place(what: str, *whose: object) -> str:
    return "/".join(["projects", what, *map(str, whose)])
