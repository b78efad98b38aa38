"""Tokens: who calls, signed (JWT, HS256)."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import jwt
from pydantic import TypeAdapter, ValidationError

from ..config.secrets import Secret
from ..exceptions import AuthenticationError
from ..models.fields import Subject, Tenant
from ..models.identity import Identity, Role
from ..utils.tenancy import DEFAULT_TENANT

ALGORITHM = "HS256"
SUBJECT: TypeAdapter[str] = TypeAdapter(Subject)
TENANT: TypeAdapter[str] = TypeAdapter(Tenant)
REQUIRED_CLAIMS = ["exp", "iat", "iss", "aud", "sub"]


class TokenService:
    """Checks tokens, and issues them for tests, load tests and other services.

    Args:
        key: Signs and checks; asked for its value each time, so that it can be rotated.
        issuer: Who must have issued a token.
        audience: For whom a token must be.
    """

    def __init__(self, key: Secret, *, issuer: str, audience: str) -> None:
        self._key = key
        self._issuer = issuer
        self._audience = audience

    def authenticate(self, token: str) -> Identity:
        """Return the token's subject, roles and tenant; a role that nobody knows is no role, no tenant the default one.

        Raises:
            AuthenticationError: There is none, or it is malformed, forged, expired or meant for somebody else.
        """
        if not token:
            message = "A bearer token is required."
            raise AuthenticationError(message)
        try:
            claims = jwt.decode(
                token,
                self._key.value(),
                algorithms=[ALGORITHM],
                issuer=self._issuer,
                audience=self._audience,
                options={"require": REQUIRED_CLAIMS},
            )
        except jwt.InvalidTokenError as error:
            message = "The token is not valid."
            raise AuthenticationError(message) from error
        return Identity(
            subject=_checked(SUBJECT, claims["sub"]),
            roles=_known_roles(claims.get("roles")),
            tenant=_checked(TENANT, claims.get("tenant", DEFAULT_TENANT)),
        )

    def issue(
        self,
        subject: str,
        roles: Iterable[Role],
        lifetime: timedelta = timedelta(hours=1),
        tenant: str = DEFAULT_TENANT,
    ) -> str:
        """Return a signed token."""
        now = datetime.now(UTC)
        claims = {
            "sub": subject,
            "roles": sorted(roles),
            "iss": self._issuer,
            "aud": self._audience,
            "iat": now,
            "exp": now + lifetime,
            "tenant": tenant,
        }
        return jwt.encode(claims, self._key.value(), algorithm=ALGORITHM)


def _checked(kind: TypeAdapter[str], claim: object) -> str:
    try:
        return kind.validate_python(claim)
    except ValidationError as error:
        message = "The token is not valid."
        raise AuthenticationError(message) from error


def _known_roles(claim: object) -> frozenset[Role]:
    if not isinstance(claim, list):
        return frozenset()
    return frozenset(role for role in Role if role.value in claim)
