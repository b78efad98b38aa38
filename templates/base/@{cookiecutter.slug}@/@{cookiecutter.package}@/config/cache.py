"""What replicas share: ``config/cache.yaml``, by environment."""

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, PositiveFloat, PositiveInt, SecretStr, model_validator

from .parts import Part


class CacheSettings(Part):
    """The levels of the caches, nearest first, and the server that replicas share."""

    levels: tuple[Literal["memory", "redis", "store"], ...] = Field(
        default=("memory",),
        min_length=1,
        description="Where is looked, in this order; what is found fills those before.",
    )
    limits: Literal["memory", "redis"] = Field(default="memory", description="Where requests of clients are counted.")
    url: SecretStr | None = Field(default=None, description="redis://… or rediss://…; holds a password.")
    url_file: Path | None = Field(default=None, description="A file with the URL; read again for each connection.")
    tls_ca: Path | None = Field(default=None, description="Who signs the server's certificate; default: the system's.")
    timeout: PositiveFloat = Field(default=0.25, description="Seconds for one call; then it goes on without.")
    connections: PositiveInt = Field(default=50, description="Connections that are open at most.")
    memory_ttl: PositiveFloat = Field(
        default=30.0,
        description="Seconds that memory keeps what another level keeps longer: so late others' changes show.",
    )

    @model_validator(mode="after")
    def _each_level_once(self) -> Self:
        if len(set(self.levels)) < len(self.levels):
            message = "a level is named twice"
            raise ValueError(message)
        return self

    @property
    def needs_server(self) -> bool:
        """Whether anything is shared by way of Redis."""
        return "redis" in self.levels or self.limits == "redis"
