"""The one typed settings object.

A value comes from the environment (``.env`` adds to it), else from ``config/<environment>.yaml``, else from its
default here. Nothing else in the service reads the environment, except secrets by reference (``secrets.py``).
"""

from pathlib import Path
from typing import Any, Literal, Self

from dotenv import dotenv_values, load_dotenv
from pydantic import (
    Field,
    HttpUrl,
    IPvAnyNetwork,
    PositiveFloat,
    PositiveInt,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError

from .. import AGENT, ENV_PREFIX, SERVICE
from ..exceptions import ConfigurationError
from ..models.fields import Email, Origin, SecureUrl, WebUrl
from .agent_limits import AgentLimits
from .cache import CacheSettings
from .files import read_mapping
from .kind_settings import KindSettings, kind_values
from .store import StoreSettings
from .tenants import TenantSettings

PROJECT = Path(__file__).resolve().parents[2]
SECTIONS = ("store", "cache", "tenants")
"""Settings that have a file of their own in ``config/``, with a part for each environment."""
ENVIRONMENTS = ("development", "staging", "production", "load")
LOCAL_ENVIRONMENTS = ("development", "load")
"""Where the service may make its own signing key."""


class EnvironmentFileSource(PydanticBaseSettingsSource):
    """Values from ``config/<environment>.yaml``, and the environment's part of ``config/<section>.yaml``."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002
        """Return nothing by field: the file is read whole."""
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        """Return what the files say about the environment."""
        environment = str(self.current_state.get("environment", "development"))
        if environment not in ENVIRONMENTS:
            return {}  # the field's own validation tells the choices
        folder = Path(str(self.current_state.get("config_dir", PROJECT / "config")))
        path = folder / f"{environment}.yaml"
        values = read_mapping(path)
        if values.get("environment") != environment:
            message = f"{path}: 'environment' must be {environment}"
            raise ConfigurationError(message)
        sections = {name: read_mapping(folder / f"{name}.yaml").get(environment, {}) for name in SECTIONS}
        return values | sections | kind_values(folder, environment)


class Settings(KindSettings):
    """All settings of the service. Construct it through :func:`load_settings`."""

    model_config = SettingsConfigDict(
        env_prefix=ENV_PREFIX,
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
    )

    environment: Literal["development", "staging", "production", "load"] = "development"
    debug: bool = Field(default=False, description="Readable logs and the interactive API pages.")
    chat_page: bool | None = Field(default=None, description="A page at /chat; without a value where debug is on.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    agents: dict[str, AgentLimits] = Field(description="How each agent runs; comes from the environment file.")
    config_dir: Path = Field(default=PROJECT / "config", description="Where the configuration files lie.")
    state_dir: Path = Field(default=PROJECT / "var", description="Where the audit trail and the SQLite store lie.")
    store: StoreSettings = Field(default=StoreSettings(), description="Where data is kept; ``config/store.yaml``.")
    cache: CacheSettings = Field(default=CacheSettings(), description="What is shared; ``config/cache.yaml``.")
    tenants: TenantSettings = Field(description="What tenants may use; ``config/tenants.yaml``.")
    agent_config: str = Field(
        default=f"{SERVICE}-standard-v1",
        pattern=r"^[a-z0-9][a-z0-9-]*$",
        description="The file in config/agents/ to run, without its ending.",
    )
    jwt_secret: SecretStr | None = Field(default=None, description="The key that signs tokens, 32 bytes or more.")
    jwt_secret_file: Path | None = Field(default=None, description="A file with that key; read again on change.")
    jwt_issuer: str = Field(default=SERVICE, description="Who must have issued a token.")
    jwt_audience: str = Field(default=SERVICE, description="For whom a token must be.")
    encryption_keys: SecretStr | None = Field(default=None, description="The keys for what is stored, newest first.")
    encryption_keys_file: Path | None = Field(default=None, description="A file with them, one a line; read again.")
    secrets_url: SecureUrl | None = Field(default=None, description="A secret store for keys (Vault's key-value API).")
    secrets_token_file: Path | None = Field(default=None, description="A file with what lets the service in there.")
    allowed_networks: tuple[IPvAnyNetwork, ...] = Field(
        default=(), description="Where clients may call from; empty: from everywhere."
    )
    contact_email: Email | None = Field(default=None, description="Who answers for the service; in its contract.")
    contact_url: WebUrl | None = Field(default=None, description="Where to read about it; in its contract.")
    session_retention_days: PositiveInt = Field(default=30, description="How long turns of sessions are kept.")
    audit_retention_days: PositiveInt = Field(default=365, description="How long the audit trail is kept.")
    otlp_endpoint: HttpUrl | None = Field(default=None, description="Where spans go; without it none are made.")
    cors_origins: tuple[Origin, ...] = Field(default=(), description="Web pages that may call it; empty: none.")
    cors_credentials: bool = Field(default=False, description="Whether their browsers send cookies along.")
    replicas: PositiveInt = Field(default=1, description="How many processes share the load, at least.")
    max_body_bytes: PositiveInt = Field(default=65_536, description="The largest request body.")
    drain_timeout: PositiveFloat = Field(default=30.0, description="Seconds for running requests at shutdown.")

    @model_validator(mode="after")
    def _check_together(self) -> Self:
        if self.debug and self.environment == "production":
            message = "debug must be off in production"
            raise ValueError(message)
        if self.cors_credentials and "*" in self.cors_origins:
            message = "cors_credentials needs cors_origins by name: with * any page could act for whoever looks at it"
            raise ValueError(message)
        if AGENT not in self.agents:
            message = f"agents has no entry {AGENT}"
            raise ValueError(message)
        return self

    @property
    def shows_chat(self) -> bool:
        """Whether there is a chat page."""
        return self.debug if self.chat_page is None else self.chat_page

    @property
    def limits_multiply(self) -> bool:
        """Whether each of several replicas counts for itself what clients and tenants use."""
        return self.replicas > 1 and self.cache.limits == "memory"

    @property
    def limits(self) -> AgentLimits:
        """How this service's own agent runs."""
        return self.agents[AGENT]

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Put the environment file behind the environment."""
        return init_settings, env_settings, EnvironmentFileSource(settings_cls)


def load_settings(dotenv: Path | None = Path(".env"), **overrides: object) -> Settings:
    """Return the settings.

    Args:
        dotenv: A file of variables, for local work; what the environment has already wins.
        overrides: Values that win over everything.

    Raises:
        ConfigurationError: Names every setting that is wrong, never its value.
    """
    if dotenv is not None:
        _load_dotenv(dotenv)
    try:
        return Settings(**overrides)  # type: ignore[arg-type]  # overrides are validated like any other source
    except ValidationError as error:
        problems = "; ".join(f"{_variable(item['loc'])}: {item['msg']}" for item in error.errors())
        raise ConfigurationError(problems) from error
    except SettingsError as error:  # a variable that ought to hold JSON; its message names the setting alone
        message = f"{error}: what has parts is written as JSON"
        raise ConfigurationError(message) from error


def _load_dotenv(file: Path) -> None:
    known = {f"{ENV_PREFIX}{name}".upper() for name in Settings.model_fields}
    for name in dotenv_values(file):
        if name.startswith(ENV_PREFIX) and name.split("__")[0] not in known:
            message = f"{file}: {name} is no setting"
            raise ConfigurationError(message)
    load_dotenv(file)


def _variable(location: tuple[int | str, ...]) -> str:
    name = "__".join(str(part) for part in location).upper()
    return f"{ENV_PREFIX}{name}" if name else "settings"
