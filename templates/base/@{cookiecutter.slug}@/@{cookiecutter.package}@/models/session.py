"""What was said in a session."""

from dataclasses import dataclass, field
from datetime import UTC, datetime


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
    """

    subject: str
    session_id: str
    question: str
    answer: str
    correlation_id: str
    time: datetime = field(default_factory=lambda: datetime.now(UTC))
