"""Text that leaves the service."""

import re
import unicodedata

PLAIN = re.compile(r"[\x20-\x7e\n\t]*")
"""Text that stays as it is, which most is."""
KEPT_CONTROLS = "\n\t"
UNWANTED_CATEGORIES = ("Cc", "Cf", "Cs")  # control, format (such as direction overrides), lone surrogates


def sanitize(text: str) -> str:
    """Return the text in NFC without control, format and surrogate characters; newlines and tabs stay."""
    if PLAIN.fullmatch(text):
        return text
    kept = (char for char in text if char in KEPT_CONTROLS or unicodedata.category(char) not in UNWANTED_CATEGORIES)
    return unicodedata.normalize("NFC", "".join(kept))
