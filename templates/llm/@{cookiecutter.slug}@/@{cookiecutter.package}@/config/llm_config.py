"""Which models the agent asks."""

from typing import Annotated, Literal, Self

from pydantic import Field, HttpUrl, PositiveInt, model_validator

from .parts import Part


class ModelConfig(Part):
    """One model and its parameters."""

    provider: Literal["deterministic", "openai", "anthropic", "gemini", "openai-compatible"]
    model: str = Field(min_length=1)
    temperature: Annotated[float, Field(ge=0.0, le=2.0)]
    max_tokens: PositiveInt = Field(description="The longest reply to one call.")
    api_key_env: str | None = Field(default=None, pattern=r"^[A-Z][A-Z0-9_]*$")
    base_url: HttpUrl | None = Field(default=None, description="Another address than the provider's own.")

    @model_validator(mode="after")
    def _remote_needs_key_and_address(self) -> Self:
        if self.provider == "openai-compatible" and (self.base_url is None or self.api_key_env is None):
            message = "provider openai-compatible needs base_url and api_key_env"
            raise ValueError(message)
        if self.provider != "deterministic" and self.api_key_env is None:
            message = f"provider {self.provider} needs api_key_env"
            raise ValueError(message)
        return self


class LlmConfig(ModelConfig):
    """The model that is asked first, and the one that is asked when it fails."""

    fallback: ModelConfig | None = None
