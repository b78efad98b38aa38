"""What was said in a session."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from ..utils.tenancy import current_tenant


@dataclass(frozen=True, kw_only=True)
class SessionTurn:
    """A question and its answer.

    Args:
        subject: Whose session it is.
        session_id: The name that the client gave it; each subject has names of its own.
        question: What was asked.
        answer: The public fields of the answer, as JSON.
        correlation_id: The request.
        time: When it was answered.
        tenant: To whom the subject belongs.
    """

    subject: str
    session_id: str
    question: str
    answer: str
    correlation_id: str
    time: datetime = field(default_factory=lambda: datetime.now(UTC))
    tenant: str = field(default_factory=current_tenant)


class SessionEntry(BaseModel):
    """A turn, as its owner gets to see it."""

    model_config = ConfigDict(frozen=True)

    question: str
    output: dict[str, JsonValue] = Field(description="The fields of the answer.")
    time: datetime


class Session(BaseModel):
    """What was said in a session."""

    model_config = ConfigDict(frozen=True)

    session_id: str
    turns: tuple[SessionEntry, ...] = Field(description="Oldest first.")
