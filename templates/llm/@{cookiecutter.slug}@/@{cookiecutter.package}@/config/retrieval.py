"""How passages are searched: ``config/retrieval.yaml``, by environment. By words alone by default."""

from typing import Annotated, Literal, Self

from pydantic import Field, HttpUrl, PositiveFloat, PositiveInt, model_validator

from .parts import Part

NEEDED: dict[str, tuple[str, ...]] = {
    "hashed": ("dimensions",),
    "openai": ("model", "api_key_env"),
    "openai-compatible": ("model", "api_key_env", "base_url"),
}
"""What each embedder cannot do without."""


class EmbedderConfig(Part):
    """Who makes vectors of texts: the offline one, or a provider."""

    provider: Literal["hashed", "openai", "openai-compatible"]
    model: str | None = Field(default=None, min_length=1, max_length=100)
    dimensions: Annotated[int, Field(ge=16, le=4_096)] | None = Field(
        default=None, description="Of a vector; without it as many as the model has."
    )
    api_key_env: str | None = Field(default=None, pattern=r"^[A-Z][A-Z0-9_]*$")
    base_url: HttpUrl | None = Field(default=None, description="Another address than the provider's own.")

    @model_validator(mode="after")
    def _has_what_its_provider_needs(self) -> Self:
        if any(getattr(self, name) is None for name in NEEDED[self.provider]):
            message = f"provider {self.provider} needs {' and '.join(NEEDED[self.provider])}"
            raise ValueError(message)
        return self


class RetrievalConfig(Part):
    """Search by vectors beside the search by words."""

    embedder: EmbedderConfig
    timeout: PositiveFloat = Field(
        default=2.0, description="Seconds for the vector of a query, retries included; then words decide alone."
    )
    min_similarity: Annotated[float, Field(ge=0.0, lt=1.0)] = Field(
        default=0.25, description="The cosine below which a passage does not fit; each embedder has its own scale."
    )
    batch: PositiveInt = Field(default=64, description="Passages whose vectors are asked for at once.")
    max_passages: PositiveInt = Field(
        default=2_000, description="Passages of the collection at most: every search looks at each of them."
    )
