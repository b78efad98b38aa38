"""Secrets by reference: from the environment or from a file, never from configuration.

A secret in a file is read again when the file changes, so that it can be rotated without a restart.
"""

import base64
import os
import secrets
from abc import ABC, abstractmethod
from pathlib import Path

from pydantic import SecretStr

from .. import ENV_PREFIX
from ..exceptions import ConfigurationError
from .settings import LOCAL_ENVIRONMENTS, Settings

MIN_KEY_BYTES = 32  # RFC 7518, section 3.2: a key for HS256 is at least as long as its hash


class Secret(ABC):
    """A secret value that may change while the service runs."""

    @abstractmethod
    def value(self) -> str:
        """Return the value as it is now."""


class FixedSecret(Secret):
    """A secret that came from the environment."""

    def __init__(self, value: str) -> None:
        self._value = value

    def value(self) -> str:
        """Return the value."""
        return self._value


class FileSecret(Secret):
    """A secret in a file, read again whenever the file changes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._modified = -1
        self._value = ""

    def value(self) -> str:
        """Return the file's content.

        Raises:
            ConfigurationError: The file cannot be read.
        """
        try:
            modified = self._path.stat().st_mtime_ns
            if modified != self._modified:
                self._value = self._path.read_text(encoding="utf-8").strip()
                self._modified = modified
        except (OSError, UnicodeDecodeError) as error:
            message = "a secret's file cannot be read"
            raise ConfigurationError(message) from error
        return self._value


def named_secret(name: str) -> Secret:
    """Return the secret that the environment holds as ``name``, or in the file that ``name_FILE`` names.

    Raises:
        ConfigurationError: Neither is set.
    """
    if path := os.environ.get(f"{name}_FILE"):
        return FileSecret(Path(path))
    if value := os.environ.get(name):
        return FixedSecret(value)
    message = f"set {name} or {name}_FILE"
    raise ConfigurationError(message)


def given_secret(value: SecretStr | None, file: Path | None) -> Secret | None:
    """Return the secret of a pair of settings, of which the file wins; nothing when neither is set."""
    if file is not None:
        return FileSecret(file)
    return FixedSecret(value.get_secret_value()) if value is not None else None


def signing_key(settings: Settings) -> Secret:
    """Return the key that signs tokens; outside of development and load it must be given.

    Raises:
        ConfigurationError: It is missing or too short.
    """
    given = given_secret(settings.jwt_secret, settings.jwt_secret_file)
    key = given if given is not None else _local(settings, "JWT_SECRET", "local.key")
    if len(key.value().encode()) < MIN_KEY_BYTES:
        message = f"{ENV_PREFIX}JWT_SECRET must have {MIN_KEY_BYTES} bytes or more"
        raise ConfigurationError(message)
    return key


def encryption_keys(settings: Settings) -> Secret:
    """Return the keys for what is stored, one a line, newest first; outside of development and load they must be given.

    Raises:
        ConfigurationError: They are missing.
    """
    if (given := given_secret(settings.encryption_keys, settings.encryption_keys_file)) is not None:
        return given
    return _local(settings, "ENCRYPTION_KEYS", "data.key")


def _local(settings: Settings, name: str, file: str) -> Secret:
    """Return the secret that a local environment makes for itself."""
    if settings.environment in LOCAL_ENVIRONMENTS:
        return FileSecret(_local_key_file(settings.state_dir / file))
    message = f"set {ENV_PREFIX}{name}_FILE or {ENV_PREFIX}{name} in {settings.environment}"
    raise ConfigurationError(message)


def _local_key_file(path: Path) -> Path:
    """Make a random key of 32 bytes once; two processes that start together end up with the same one."""
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(), encoding="ascii")
    try:
        os.link(draft, path)  # unlike a rename, a link never replaces what another process made
    except FileExistsError:
        pass  # the other process was first: its key is the one
    finally:
        draft.unlink()
    return path
