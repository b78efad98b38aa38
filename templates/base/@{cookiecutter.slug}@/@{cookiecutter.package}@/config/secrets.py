"""Secrets by reference: from a file, the environment or a secret store, never from configuration.

What is in a file or a secret store is read again when it changes, so that it can be rotated without a restart.
"""

import base64
import os
import secrets
from functools import lru_cache
from pathlib import Path

from pydantic import SecretStr

from .. import ENV_PREFIX
from ..exceptions import ConfigurationError
from .external_secrets import SecretStore
from .secret_values import FileSecret, FixedSecret, Secret
from .settings import LOCAL_ENVIRONMENTS, Settings

__all__ = [
    "FileSecret",
    "FixedSecret",
    "Secret",
    "encryption_keys",
    "given_secret",
    "named_secret",
    "secret_store",
    "signing_key",
]

MIN_KEY_BYTES = 32  # RFC 7518, section 3.2: a key for HS256 is at least as long as its hash


def named_secret(name: str) -> Secret:
    """Return the secret that the environment holds as ``name``, or in the file that ``name_FILE`` names.

    Raises:
        ConfigurationError: Neither is set.
    """
    if path := os.environ.get(f"{name}_FILE"):
        return FileSecret(Path(path), f"{name}_FILE")
    if value := os.environ.get(name):
        return FixedSecret(value)
    message = f"set {name} or {name}_FILE"
    raise ConfigurationError(message)


def given_secret(name: str, value: SecretStr | None, file: Path | None) -> Secret | None:
    """Return the secret of the settings ``name`` and ``name_FILE``: the file wins; nothing when neither is set."""
    if file is not None:
        return FileSecret(file, f"{ENV_PREFIX}{name}_FILE")
    return FixedSecret(value.get_secret_value()) if value is not None else None


def signing_key(settings: Settings) -> Secret:
    """Return the key that signs tokens; outside of development and load it must be given.

    Raises:
        ConfigurationError: It is missing or too short.
    """
    given = given_secret("JWT_SECRET", settings.jwt_secret, settings.jwt_secret_file) or _stored(settings, "JWT_SECRET")
    key = given or _local(settings, "JWT_SECRET", "local.key")
    if len(key.value().encode()) < MIN_KEY_BYTES:
        message = f"{ENV_PREFIX}JWT_SECRET must have {MIN_KEY_BYTES} bytes or more"
        raise ConfigurationError(message)
    return key


def encryption_keys(settings: Settings) -> Secret:
    """Return the keys for what is stored, one a line, newest first; outside of development and load they must be given.

    Raises:
        ConfigurationError: They are missing.
    """
    given = given_secret("ENCRYPTION_KEYS", settings.encryption_keys, settings.encryption_keys_file)
    return given or _stored(settings, "ENCRYPTION_KEYS") or _local(settings, "ENCRYPTION_KEYS", "data.key")


def secret_store(settings: Settings) -> SecretStore | None:
    """Return the secret store that the settings name; the same one each time.

    Raises:
        ConfigurationError: It cannot be had, or nobody says what lets the service in.
    """
    if settings.secrets_url is None:
        return None
    if settings.secrets_token_file is None:
        message = f"set {ENV_PREFIX}SECRETS_TOKEN_FILE: the secret store lets nobody in without a token"
        raise ConfigurationError(message)
    return _store(str(settings.secrets_url), settings.secrets_token_file)


@lru_cache(maxsize=1)
def _store(url: str, token: Path) -> SecretStore:
    return SecretStore(url, FileSecret(token, f"{ENV_PREFIX}SECRETS_TOKEN_FILE"))


def _stored(settings: Settings, name: str) -> Secret | None:
    store = secret_store(settings)
    return None if store is None else store.secret(name)


def _local(settings: Settings, name: str, file: str) -> Secret:
    """Return the secret that a local environment makes for itself."""
    if settings.environment in LOCAL_ENVIRONMENTS:
        return FileSecret(_local_key_file(settings.state_dir / file), f"{ENV_PREFIX}STATE_DIR")
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
