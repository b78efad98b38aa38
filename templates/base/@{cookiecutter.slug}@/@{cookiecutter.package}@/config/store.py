"""Where the service keeps data: ``config/store.yaml``, by environment."""

from pathlib import Path
from typing import Literal

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt, SecretStr

from .parts import Part


class StoreSettings(Part):
    """The store's place, its connections and how they are protected."""

    url: SecretStr | None = Field(default=None, description="postgresql://… or sqlite:///…; holds a password.")
    url_file: Path | None = Field(default=None, description="A file with the URL; read again for each connection.")
    embedded: bool = Field(default=True, description="Whether an SQLite file will do where no URL is given.")
    migrate_at_start: bool = Field(default=False, description="Whether the process brings the tables up to date.")
    tls: Literal["disable", "prefer", "require", "verify-ca", "verify-full"] = Field(
        default="verify-full", description="PostgreSQL's sslmode."
    )
    tls_ca: Path | None = Field(default=None, description="Who signs the server's certificate; default: the system's.")
    pool_size: PositiveInt = Field(default=5, description="Connections that are kept open.")
    pool_overflow: NonNegativeInt = Field(default=5, description="Further ones while there is much to do.")
    pool_timeout: PositiveFloat = Field(default=5.0, description="Seconds to wait for a free connection.")
    connect_timeout: PositiveInt = Field(default=5, description="Seconds to open one.")
    statement_timeout: PositiveFloat = Field(default=10.0, description="Seconds for one statement.")
