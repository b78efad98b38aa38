"""What travels through a queue."""

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, PositiveInt

from ..utils.correlation import current_correlation_id
from ..utils.tenancy import DEFAULT_TENANT
from .fields import TENANT

TENANT_HEADER = "tenant"
IDS = {
    "task_id": r"[0-9a-f]{32}",
    "idempotency_key": r"[!-~]{1,128}",
    TENANT_HEADER: TENANT,
    "traceparent": r"[0-9a-f-]{55}",
}
"""What of a message's body and headers leads to other records and says nothing itself."""


class Message(BaseModel):
    """Something to be worked on.

    Args:
        body: What it is about.
        attempt: 1 for the first time.
        headers: The context of its sender, such as ``traceparent`` and the tenant.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(default_factory=lambda: uuid.uuid4().hex, max_length=200)
    body: dict[str, JsonValue]
    attempt: PositiveInt = 1
    correlation_id: str = Field(default_factory=current_correlation_id, max_length=64)
    headers: dict[str, str] = {}

    @property
    def tenant(self) -> str:
        """For whom to work on it; what comes with a token of its own is its tenant's, whatever stands here."""
        given = self.headers.get(TENANT_HEADER, "")
        return given if re.fullmatch(TENANT, given) else DEFAULT_TENANT

    @property
    def delivery(self) -> str:
        """This delivery of the message, unlike any other; up to 200 characters."""
        return f"{self.id[:180]}#{self.attempt}"

    def again(self, *, counted: bool) -> Self:
        """Return the message for its next attempt, or for the same one when this does not count."""
        return self.model_copy(update={"attempt": self.attempt + counted})

    def ids_alone(self) -> Self:
        """Return the message as it may be kept: erasing somebody's data does not look at dead letters."""
        return self.model_copy(update={"body": _ids(self.body), "headers": _ids(self.headers)})


def _ids(values: Mapping[str, object]) -> dict[str, str]:
    given = {name: values.get(name) for name in IDS}
    return {name: value for name, value in given.items() if isinstance(value, str) and re.fullmatch(IDS[name], value)}


@dataclass(frozen=True)
class Delivery:
    """A message that one worker holds for a while: nobody else gets it until its lease is over.

    Args:
        receipt: What the queue knows this delivery by.
        message: With the attempt that this delivery is.
    """

    receipt: str
    message: Message


@dataclass(frozen=True)
class DeadLetter:
    """A message that was given up, without what it was about, and why."""

    receipt: str
    text: str
    reason: str


@dataclass(frozen=True)
class QueueDepth:
    """How many messages there are: to be worked on, held by workers, waiting for their next attempt, given up."""

    waiting: int
    held: int
    delayed: int
    dead: int
