"""A question and its answer."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints

MAX_QUESTION_CHARS = 4_000
QuestionText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_QUESTION_CHARS)]
SESSION_ID = r"^[A-Za-z0-9._-]{1,64}$"
"""A name that a client gives a session."""


class Question(BaseModel):
    """What a client asks."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    question: QuestionText = Field(description="The question in plain text.", examples=["What is an agent?"])
    session_id: Annotated[str, StringConstraints(pattern=SESSION_ID)] | None = Field(
        default=None,
        description="The conversation that this belongs to, a name of the client's own: its earlier turns count, and "
        "question and answer are kept under it. Without it each answer stands alone and nothing is kept.",
        examples=["2026-11-order-17"],
    )
    model: Annotated[str, StringConstraints(min_length=1, max_length=40)] | None = Field(
        default=None, description="One of the models that the agent lets callers choose among; default: its own."
    )


class Answer(BaseModel):
    """What the agent answers."""

    model_config = ConfigDict(frozen=True)

    agent_id: str = Field(description="The configuration that answered.")
    agent_version: str = Field(description="Its version.")
    output: dict[str, JsonValue] = Field(description="The fields of the agent's schema, hidden ones left out.")
    cached: bool = Field(default=False, description="Whether the answer was kept from an earlier request.")
    degraded: bool = Field(default=False, description="Whether the model failed and the fallback answered.")
    turn_id: str | None = Field(default=None, description="Names the turn of the session that was kept, to rate it.")
