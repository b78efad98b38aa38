"""What the members of the team write to each other.

Every message says which project it belongs to, which request began it all (``correlation_id``) and which message it
follows from (``causation_id``), so that a project can be told from its messages alone.
"""

import uuid
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from ..utils.tenancy import current_tenant
from .pause import Pause
from .plan import Plan, StepId
from .spending import Spending
from .team import MemberName

Address = Annotated[str, Field(pattern=r"^(agent|project):[a-z0-9-]{1,64}$")]
"""Where messages arrive: ``agent:<role>``, ``agent:<team>`` for who leads it, or ``project:<id>``."""


def address_of(name: MemberName) -> Address:
    """Return where the member of that role, or who leads the team of that name, is written to."""
    return f"agent:{name}"


def project_address(project_id: str) -> Address:
    """Return where the coordinator of that project is written to."""
    return f"project:{project_id}"


def new_id() -> str:
    """Return an id that nobody else has."""
    return uuid.uuid4().hex


class StepResult(BaseModel):
    """What a member found out, and the documents that it really builds on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str
    sources: tuple[str, ...] = ()


class StepInput(BaseModel):
    """The result of an earlier step, for the one that builds on it. Its text is untrusted."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    step_id: StepId
    role: MemberName
    result: StepResult


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    message_id: str = Field(default_factory=new_id)
    project_id: str
    sender: Address
    receiver: Address
    correlation_id: str
    causation_id: str | None = Field(default=None, description="The message that this one follows from.")
    traceparent: str | None = Field(default=None, description="The trace that it belongs to (W3C trace context).")
    sent_at: datetime = Field(default_factory=lambda: datetime.now(UTC))


class _TaskMessage(_Message):
    step_id: StepId


class TaskAssigned(_TaskMessage):
    """The coordinator gives a member a task, or hands it over to a team."""

    kind: Literal["task_assigned"] = "task_assigned"
    owner: str = Field(description="For whom the project is.")
    tenant: str = Field(default_factory=current_tenant, description="To whom the owner belongs.")
    task: str
    inputs: tuple[StepInput, ...] = ()
    missing: tuple[StepId, ...] = Field(default=(), description="Steps that the task should build on and cannot.")
    allotment: Spending = Field(description="What the member may use up.")
    pause: Pause | None = Field(default=None, description="Where the member stopped before, with what was decided.")


class TaskCancelled(_TaskMessage):
    """The coordinator takes a task back; the reply tells what was used up."""

    kind: Literal["task_cancelled"] = "task_cancelled"


class TaskCompleted(_TaskMessage):
    """A member did its task."""

    kind: Literal["task_completed"] = "task_completed"
    result: StepResult
    spent: Spending


class TaskPlanned(_TaskMessage):
    """Who leads a team divided a task into steps for its members."""

    kind: Literal["task_planned"] = "task_planned"
    plan: Plan
    spent: Spending


class TaskPaused(_TaskMessage):
    """A member cannot go on with its task before a person has answered."""

    kind: Literal["task_paused"] = "task_paused"
    pause: Pause
    spent: Spending


class TaskFailed(_TaskMessage):
    """A member could not do its task; ``detail`` is safe to show."""

    kind: Literal["task_failed"] = "task_failed"
    error_type: str
    detail: str
    spent: Spending


class ProjectCancelled(_Message):
    """The client does not want the project any more."""

    kind: Literal["project_cancelled"] = "project_cancelled"


class ProjectInterrupted(_Message):
    """This process has to stop working on the project; another one may go on with it."""

    kind: Literal["project_interrupted"] = "project_interrupted"


class QuestionSettled(_Message):
    """A person has answered; the coordinator looks what."""

    kind: Literal["question_settled"] = "question_settled"


Reply = TaskCompleted | TaskPlanned | TaskPaused | TaskFailed
Message = Annotated[
    TaskAssigned
    | TaskCancelled
    | TaskCompleted
    | TaskPlanned
    | TaskPaused
    | TaskFailed
    | ProjectCancelled
    | ProjectInterrupted
    | QuestionSettled,
    Field(discriminator="kind"),
]
MESSAGES: TypeAdapter[Message] = TypeAdapter(Message)
"""Reads and writes messages, for mailboxes that leave the process."""
