"""Fields that nobody may read where they lie."""

from cryptography.fernet import Fernet, MultiFernet


class Vault:
    """The first key encrypts, all decrypt."""

    def __init__(self, keys: list[bytes]) -> None:
        self.box = MultiFernet([Fernet(key) for key in keys])

    def sealed(self, text: str) -> bytes:
        """Return the text encrypted."""
        return self.box.encrypt(text.encode())
