"""Secrets from a secret store that answers over HTTP, such as Vault or OpenBao (key-value store, version 2).

Asked at the start and then again and again, so that a secret can be rotated without a restart. While the store cannot
be had, what it said last goes on.
"""

import threading
from typing import Any

import httpx2
from pydantic import BaseModel, TypeAdapter, ValidationError

from ..exceptions import ConfigurationError, DependencyUnavailableError
from .secret_values import Secret

TIMEOUT_SECONDS = 5.0
TOKEN_HEADER = "X-Vault-Token"  # noqa: S105  # the name of a header


class _Data(BaseModel):
    data: dict[str, str]


class _Reply(BaseModel):
    data: _Data


class SecretStore:
    """All secrets of the service, as the store said last.

    Args:
        url: Where they are, such as ``https://vault:8200/v1/secret/data/my-agent``.
        token: What lets the service in; asked for its value each time.
        transport: Of the HTTP client; for tests.

    Raises:
        ConfigurationError: The store cannot be had at the start.
    """

    def __init__(self, url: str, token: Secret, transport: httpx2.BaseTransport | None = None) -> None:
        self._url = url
        self._token = token
        self._client = httpx2.Client(timeout=TIMEOUT_SECONDS, transport=transport)
        self._lock = threading.Lock()
        try:
            self._values = self._fetched()
        except DependencyUnavailableError as error:
            raise ConfigurationError(str(error)) from error

    def secret(self, name: str) -> Secret | None:
        """Return a secret that follows the store, or nothing when the store has none of that name."""
        return StoredSecret(self, name) if name in self._values else None

    def value(self, name: str) -> str:
        """Return a secret's value as the store said last."""
        return self._values[name]

    def refresh(self) -> None:
        """Ask again; a name that the store has no more keeps its last value.

        Raises:
            DependencyUnavailableError: The store cannot be had; the values stay.
        """
        with self._lock:
            self._values = {**self._values, **self._fetched()}

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def _fetched(self) -> dict[str, str]:
        message = "the secret store cannot be had"
        try:
            answer = self._client.get(self._url, headers={TOKEN_HEADER: self._token.value()})
            answer.raise_for_status()
            reply: Any = answer.json()
            return TypeAdapter(_Reply).validate_python(reply).data.data
        except (httpx2.HTTPError, ValueError, ValidationError):
            raise DependencyUnavailableError(message) from None  # the cause could show the token or a secret


class StoredSecret(Secret):
    """One secret of the store."""

    def __init__(self, store: SecretStore, name: str) -> None:
        self._store = store
        self._name = name

    def value(self) -> str:
        """Return the value."""
        return self._store.value(self._name)
