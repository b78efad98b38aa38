"""What happened: the events on the bus, in the form of CloudEvents 1.0 (JSON)."""

import uuid
from datetime import UTC, datetime
from enum import StrEnum
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue

from .. import SERVICE
from ..utils.correlation import current_correlation_id
from ..utils.tenancy import current_tenant


class EventType(StrEnum):
    """The events of this service; ``docs/events.md`` tells what each one carries."""

    SNAPSHOT = "snapshot"
    AGENT_REGISTERED = "agent.registered"
    AGENT_STATUS_CHANGED = "agent.status_changed"
    AGENT_REMOVED = "agent.removed"
    TASK_STATUS_CHANGED = "task.status_changed"


class Event(BaseModel):
    """One change of state.

    Args:
        subject: What changed, such as ``tasks/<id>``: who watches it gets the event.
        data: The change, never the content of questions or answers.
        tenant: Who alone hears of it; travels beside the event, not in it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    specversion: Literal["1.0"] = "1.0"
    id: str = Field(default_factory=lambda: uuid.uuid4().hex)
    type: EventType
    source: str = f"/{SERVICE}"
    subject: str
    time: AwareDatetime = Field(default_factory=lambda: datetime.now(UTC))
    correlationid: str = Field(default_factory=current_correlation_id)
    data: dict[str, JsonValue] = {}
    tenant: str = Field(default_factory=current_tenant, exclude=True)
