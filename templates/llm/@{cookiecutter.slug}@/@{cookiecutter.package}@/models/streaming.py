"""The events of a streamed answer, in the order in which they can come."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from .answer import Answer


class _StreamEvent(BaseModel):
    model_config = ConfigDict(frozen=True)


class ToolUsed(_StreamEvent):
    """The agent uses a tool."""

    event: Literal["tool"] = "tool"
    tool: str


class Restarted(_StreamEvent):
    """The text so far is void: it was no answer yet, or the next model starts again."""

    event: Literal["restart"] = "restart"


class TextAdded(_StreamEvent):
    """A further piece of the text, for showing while it is written."""

    event: Literal["delta"] = "delta"
    text: str


class Answered(_StreamEvent):
    """The answer, checked; it takes the place of the text so far."""

    event: Literal["answer"] = "answer"
    answer: Answer


StreamEvent = ToolUsed | Restarted | TextAdded | Answered
