"""Keep the tokens and secrets that we know of out of what we print."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

HIDDEN = "***"
MIN_LENGTH = 6  # shorter values, such as true or 8000, would blot out ordinary words
_SECRET = re.compile(r"secret|token|password|passwd|credential|key|dsn", re.IGNORECASE)


def secrets(tokens: Iterable[str], environment: Mapping[str, str]) -> tuple[str, ...]:
    """Return the tokens and the values of variables that are named like secrets, longest first."""
    named = [value for name, value in environment.items() if _SECRET.search(name)]
    return tuple(sorted({text for text in (*tokens, *named) if len(text) >= MIN_LENGTH}, key=len, reverse=True))


def hide(text: str, hidden: Sequence[str]) -> str:
    """Return a text without any of the secrets."""
    for secret in hidden:
        text = text.replace(secret, HIDDEN)
    return text


def hide_all(lines: Iterable[str], hidden: Sequence[str]) -> tuple[str, ...]:
    """Return lines without any of the secrets."""
    return tuple(hide(line, hidden) for line in lines)
