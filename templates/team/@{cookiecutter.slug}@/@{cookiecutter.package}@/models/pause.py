"""Where a member stopped because a person has to be asked, and what it needs to go on from there."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from .conversation import Reply, Turn


class QuestionKind(StrEnum):
    """What a person is asked for."""

    QUESTION = "question"
    """Something that only a person knows."""
    APPROVAL = "approval"
    """Leave to use a tool."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Wish(_Part):
    """What a member wants of a person; a model wrote it, so it is untrusted."""

    kind: QuestionKind
    text: Annotated[str, StringConstraints(max_length=4_000)]
    tool: str = Field(default="", description="The tool that needs leave.")
    arguments: str = Field(default="", description="What it would be called with, as JSON.")


class Decision(_Part):
    """What came of it."""

    granted: bool = Field(description="Whether there is an answer, or the leave was given.")
    text: str = Field(default="", description="The answer, or why there is none.")


class Pause(_Part):
    """A run of a model that stopped at a call of a tool. Nothing of it is done again when it goes on."""

    user: str = Field(description="What the model was asked, fenced by the guard.")
    turns: tuple[Turn, ...] = Field(description="The steps that are over.")
    reply: Reply = Field(description="The reply whose calls wait; none of them was made.")
    call: int = Field(description="Which of the calls a person is asked about, from 0.")
    wish: Wish
    decisions: Mapping[int, Decision] = Field(default={}, description="What was decided about calls, by their number.")
    question_id: str = Field(default="", description="The question that was made of the wish.")

    def decided(self, decision: Decision) -> "Pause":
        """Return the pause with what was decided about the call."""
        return self.model_copy(update={"decisions": {**self.decisions, self.call: decision}})
