"""Agents, as the registry knows them."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, HttpUrl, StringConstraints, field_validator

AGENT_ID = r"^[a-z0-9][a-z0-9-]{0,79}$"
AgentId = Annotated[str, StringConstraints(pattern=AGENT_ID)]
Capability = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_.-]{0,63}$")]
Short = Annotated[str, StringConstraints(max_length=200)]


class AgentStatus(StrEnum):
    """What an agent is doing; inactive is who has not been heard of in time."""

    ACTIVE = "active"
    DRAINING = "draining"
    INACTIVE = "inactive"


class Registration(BaseModel):
    """What an agent says about itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: AgentId = Field(description="The service; its replicas share it.", examples=["invoice-reader"])
    version: Annotated[str, StringConstraints(pattern=r"^[0-9]+\.[0-9]+\.[0-9]+$")] = Field(examples=["1.0.0"])
    endpoint: HttpUrl | None = Field(
        default=None, description="Where it is asked, under `/v1/answers`; without one it is a replica of this service."
    )
    audience: AgentId | None = Field(default=None, description="For whom its tokens are made out; else its name.")
    capabilities: tuple[Capability, ...] = Field(min_length=1, max_length=50, examples=[["answer.text"]])
    metadata: dict[Short, Short] = Field(default={}, max_length=20)

    @field_validator("capabilities")
    @classmethod
    def _in_order(cls, capabilities: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(sorted(set(capabilities)))


class RegisteredAgent(Registration):
    """An agent in the registry."""

    id: AgentId
    status: AgentStatus
    registered_at: AwareDatetime
    last_seen_at: AwareDatetime
    expires_at: AwareDatetime = Field(description="When it becomes inactive unless it is heard of before.")
    owner: str = Field(description="Who registered it, and alone may change it.")


class Heartbeat(BaseModel):
    """A sign of life."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    status: Literal[AgentStatus.ACTIVE, AgentStatus.DRAINING] = AgentStatus.ACTIVE
