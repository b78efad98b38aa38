"""Types for what comes in from outside and what goes out: each says what it takes, and pydantic refuses the rest.

For statements to a database there is no type: values go by parameters (``services/store.py``), never into the text.
Nor is there one for HTML: what people and models wrote is shown as text (``handlers/chat.html``).
"""

import unicodedata
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, AnyHttpUrl, EmailStr, Field, StringConstraints

LONGEST_EMAIL = 254  # RFC 5321
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def _plain(text: str) -> str:
    """Return the text in NFC."""
    if any(unicodedata.category(char) in {"Cc", "Cs"} and char not in "\n\t" for char in text):
        message = "control characters are not allowed"
        raise ValueError(message)
    return unicodedata.normalize("NFC", text)


def _without_password(url: AnyHttpUrl) -> AnyHttpUrl:
    if url.username or url.password:
        message = "a URL must not hold a user or a password"
        raise ValueError(message)
    return url


def _origin(text: str) -> str:
    """Return the origin in the one form that browsers send."""
    if text == "*":
        return text
    text = text.lower()
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or text != f"{parts.scheme}://{parts.netloc}":
        message = "an origin is a scheme, a host and perhaps a port: https://chat.example.org"
        raise ValueError(message)
    if parts.username is not None or "*" in parts.netloc:
        message = "an origin names one host, and no user"
        raise ValueError(message)
    default = {"http": 80, "https": 443}[parts.scheme]
    return text if parts.port != default else f"{parts.scheme}://{parts.hostname}"


def _over_tls(url: AnyHttpUrl) -> AnyHttpUrl:
    if url.scheme != "https" and (url.host or "").strip("[]") not in LOOPBACK:
        message = "the URL of another machine must begin with https://"
        raise ValueError(message)
    return url


Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\n\t]*$")]
"""One line of text."""

PlainText = Annotated[str, StringConstraints(max_length=100_000), AfterValidator(_plain)]
"""Text of several lines, in NFC, without control characters."""

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
"""A name for machines."""

Subject = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=r"^[^\x00-\x1f\x7f]*$")]
"""Who a token is about: OpenID Connect allows 255 characters, a store no control characters."""

TENANT = r"^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?$"
Tenant = Annotated[str, StringConstraints(pattern=TENANT)]
"""To whom a subject belongs: 64 characters at most, none that means something in a key."""

Email = Annotated[EmailStr, Field(max_length=LONGEST_EMAIL)]
"""An e-mail address; that somebody reads it is not looked at."""

WebUrl = Annotated[AnyHttpUrl, AfterValidator(_without_password)]
"""A URL of the web without a password in it."""

SecureUrl = Annotated[AnyHttpUrl, AfterValidator(_without_password), AfterValidator(_over_tls)]
"""The same, over TLS unless it is on this machine."""

Origin = Annotated[str, AfterValidator(_origin)]
"""Where a web page comes from, as browsers say it; ``*`` is everywhere."""

Count = Annotated[int, Field(strict=True, ge=0, le=2**63 - 1)]
"""How many; fits a column of the store."""

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
"""A part of a whole."""
