"""Which model the agent asks."""

from typing import Annotated, Literal, Self

from pydantic import Field, HttpUrl, PositiveInt, model_validator

from .parts import Part


class LlmConfig(Part):
    """The model and its parameters."""

    provider: Literal["deterministic", "openai-compatible"]
    model: str = Field(min_length=1)
    temperature: Annotated[float, Field(ge=0.0, le=2.0)]
    max_tokens: PositiveInt
    api_key_env: str | None = Field(default=None, pattern=r"^[A-Z][A-Z0-9_]*$")
    base_url: HttpUrl | None = None

    @model_validator(mode="after")
    def _remote_needs_address(self) -> Self:
        if self.provider == "openai-compatible" and (self.base_url is None or self.api_key_env is None):
            message = "provider openai-compatible needs base_url and api_key_env"
            raise ValueError(message)
        return self
