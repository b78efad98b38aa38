"""The body of every error answer (RFC 9457)."""

from pydantic import BaseModel, ConfigDict, Field


class InvalidField(BaseModel):
    """One thing that is wrong with a request."""

    model_config = ConfigDict(frozen=True)

    pointer: str = Field(description="Where, as a JSON pointer into the request.")
    detail: str


class Problem(BaseModel):
    """What went wrong, and whether trying again can help."""

    model_config = ConfigDict(frozen=True)

    type: str = Field(description="A stable name for this kind of problem.", examples=["urn:problem:rate-limited"])
    title: str
    status: int
    detail: str
    instance: str = Field(description="The correlation id of the request.")
    retryable: bool = Field(description="Whether the same request may succeed later.")
    errors: tuple[InvalidField, ...] = ()
