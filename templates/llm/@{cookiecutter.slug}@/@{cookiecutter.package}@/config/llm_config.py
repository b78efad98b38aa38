"""Which models the agent asks."""

from typing import Annotated, Literal, Self

from pydantic import Field, HttpUrl, PositiveInt, model_validator

from .parts import Part

NEEDED: dict[str, tuple[str, ...]] = {
    "deterministic": (),
    "openai": ("api_key_env",),
    "anthropic": ("api_key_env",),
    "gemini": ("api_key_env",),
    "openai-compatible": ("base_url", "api_key_env"),
    "azure": ("base_url", "api_key_env"),
    "bedrock": ("region",),
    "vertex": ("project", "region"),
}
"""What each provider cannot do without."""


class ModelConfig(Part):
    """One model and its parameters."""

    provider: Literal[
        "deterministic", "openai", "anthropic", "gemini", "openai-compatible", "azure", "bedrock", "vertex"
    ]
    model: str = Field(min_length=1, description="Its name, or with azure that of its deployment.")
    temperature: Annotated[float, Field(ge=0.0, le=2.0)]
    max_tokens: PositiveInt = Field(description="The longest reply to one call.")
    api_key_env: str | None = Field(default=None, pattern=r"^[A-Z][A-Z0-9_]*$")
    base_url: HttpUrl | None = Field(default=None, description="Another address than the provider's own.")
    api_version: str | None = Field(default=None, min_length=1, description="Of azure; none with an address in /v1.")
    region: str | None = Field(default=None, pattern=r"^[a-z0-9-]+$", description="Of bedrock and vertex.")
    project: str | None = Field(default=None, min_length=1, description="Of vertex.")

    @model_validator(mode="after")
    def _has_what_its_provider_needs(self) -> Self:
        if self.provider == "vertex" and self.api_key_env is not None:
            return self  # a key of its express mode stands for a project
        if any(getattr(self, name) is None for name in NEEDED[self.provider]):
            message = f"provider {self.provider} needs {' and '.join(NEEDED[self.provider])}"
            raise ValueError(message)
        if self.provider == "azure" and self._versioned == (self.api_version is not None):
            message = "provider azure needs api_version, or a base_url that ends in /v1, not both"
            raise ValueError(message)
        return self

    @property
    def _versioned(self) -> bool:
        return str(self.base_url).rstrip("/").endswith("/v1")


class LlmConfig(ModelConfig):
    """The model that is asked first, and the one that is asked when it fails."""

    fallback: ModelConfig | None = None
