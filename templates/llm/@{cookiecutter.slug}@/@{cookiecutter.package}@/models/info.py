"""What a client can know about the agent."""

from pydantic import BaseModel, ConfigDict, Field


class _Info(BaseModel):
    model_config = ConfigDict(frozen=True)


class ToolInfo(_Info):
    """A tool that the agent may use."""

    name: str
    description: str


class LimitInfo(_Info):
    """What a client and a run may use."""

    requests_per_minute: int = Field(description="Of one client.")
    question_characters: int
    body_bytes: int
    seconds: float = Field(description="For one answer.")
    steps: int = Field(description="Calls of the model in one run.")
    tool_calls: int
    tokens: int = Field(description="After which a run takes no further step.")


class AgentInfo(_Info):
    """Who answers, with what, within which limits."""

    service: str
    service_version: str
    agent_id: str
    agent_version: str
    description: str
    models: tuple[str, ...] = Field(description="What `model` of a question can be; the first one is the default.")
    tools: tuple[ToolInfo, ...] = Field(description="Those that can be had now.")
    limits: LimitInfo
