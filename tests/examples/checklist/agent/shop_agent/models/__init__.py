"""Data that crosses the boundary."""

from pydantic import BaseModel, Field


class Question(BaseModel):
    """What a client asks."""

    text: str = Field(min_length=1, max_length=2000)


class Caller(BaseModel):
    """Who asks."""

    subject: str
    tenant_id: str


class Answer(BaseModel):
    """What the agent answers."""

    text: str
    degraded: bool = False
