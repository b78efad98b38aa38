"""What was said in a session, and what is thought of it."""

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from ..utils.tenancy import current_tenant
from .fields import Line, PlainText

TURN_ID = r"^[0-9a-f]{32}$"
SESSION_CURSOR = r"^[0-9]{1,17}\.[A-Za-z0-9._-]{1,64}$"
LONGEST_COMMENT = 2_000


def new_turn_id() -> str:
    """Return an id that nobody can guess."""
    return secrets.token_hex(16)


class Rating(BaseModel):
    """What the owner of a session thinks of an answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    score: Annotated[int, Field(strict=True, ge=1, le=5)] = Field(
        description="1 is the worst, 5 the best; with two thumbs, 1 is down and 5 is up.", examples=[5]
    )
    comment: Annotated[PlainText, Field(max_length=LONGEST_COMMENT)] | None = Field(
        default=None, description="Why, in the client's own words."
    )


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
        turn_id: Names it; turns that a version without ids kept have none.
        rating: What the subject thinks of the answer.
    """

    subject: str
    session_id: str
    question: str
    answer: str
    correlation_id: str
    time: datetime = field(default_factory=lambda: datetime.now(UTC))
    tenant: str = field(default_factory=current_tenant)
    turn_id: str | None = field(default_factory=new_turn_id)
    rating: Rating | None = None


class SessionEntry(BaseModel):
    """A turn, as its owner gets to see it."""

    model_config = ConfigDict(frozen=True)

    turn_id: str | None = Field(default=None, description="To rate it; none was given before turns could be rated.")
    question: str
    output: dict[str, JsonValue] = Field(description="The fields of the answer.")
    time: datetime
    rating: Rating | None = Field(default=None, description="What its owner thinks of the answer.")


class SessionSummary(BaseModel):
    """A session, as its owner finds it in a list."""

    model_config = ConfigDict(frozen=True)

    session_id: str
    name: str = Field(description="The name that its owner gave it; else its first question, shortened.")
    turns: int = Field(description="How many are kept.")
    first_turn: datetime
    last_turn: datetime


class SessionChange(BaseModel):
    """What its owner changes of a session."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Line | None = Field(description="The new name; `null` for the name that is taken from the first question.")


class Session(BaseModel):
    """What was said in a session."""

    model_config = ConfigDict(frozen=True)

    session_id: str
    name: str | None = Field(default=None, description="As in the list; a session in which nothing was said has none.")
    turns: tuple[SessionEntry, ...] = Field(description="Oldest first.")
