"""Secret values, wherever they come from."""

from abc import ABC, abstractmethod
from pathlib import Path

from ..exceptions import ConfigurationError


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
    """A secret in a file, read again whenever the file changes.

    Args:
        path: Of the file; messages do not quote it.
        source: What names the file, for messages.
    """

    def __init__(self, path: Path, source: str) -> None:
        self._path = path
        self._source = source
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
            message = f"{self._source}: the secret's file cannot be read"
            raise ConfigurationError(message) from error
        return self._value
