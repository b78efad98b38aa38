"""Encryption of what is stored: Fernet (AES-128-CBC and HMAC-SHA-256) with keys that can be changed."""

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from ..config.secrets import Secret
from ..exceptions import ConfigurationError, StoreError

END_OF_PLACE = "\0"


def new_key() -> str:
    """Return a new random key."""
    return Fernet.generate_key().decode()


class Cipher:
    """Encrypts with the first of the keys, and reads what any of them encrypted.

    Args:
        keys: One key on each line, the newest first; asked for each time, so that they can be changed.

    Raises:
        ConfigurationError: There is no key, or one that is none.
    """

    def __init__(self, keys: Secret) -> None:
        self._keys = keys
        self._known: str | None = None
        self._fernet = self._current()

    def encrypt(self, text: str, place: str) -> bytes:
        """Return what can be stored.

        Args:
            text: The content.
            place: What it is and whose; somewhere else it cannot be decrypted.
        """
        return self._current().encrypt(f"{place}{END_OF_PLACE}{text}".encode())

    def decrypt(self, stored: bytes, place: str) -> str:
        """Return what was encrypted.

        Raises:
            StoreError: None of the keys fits, or somebody changed it or moved it from its place.
        """
        try:
            found, _, text = self._current().decrypt(stored).decode().partition(END_OF_PLACE)
        except InvalidToken as error:
            raise _unreadable() from error
        if found != place:
            raise _unreadable()
        return text

    def renewed(self, stored: bytes) -> bytes:
        """Return the same content, encrypted with the newest key.

        Raises:
            StoreError: None of the keys fits, or somebody changed it.
        """
        try:
            return self._current().rotate(stored)
        except InvalidToken as error:
            raise _unreadable() from error

    def _current(self) -> MultiFernet:
        keys = self._keys.value()
        if keys != self._known:
            self._fernet, self._known = _fernet(keys), keys
        return self._fernet


def _unreadable() -> StoreError:
    return StoreError("what is stored cannot be decrypted")


def _fernet(keys: str) -> MultiFernet:
    try:
        return MultiFernet([Fernet(key) for key in keys.split()])  # none at all is a ValueError, too
    except ValueError:
        message = "the encryption keys must be lines of 44 characters as `keys new` prints them"
        raise ConfigurationError(message) from None  # the cause could show the key
