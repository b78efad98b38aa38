from datetime import UTC, datetime, timedelta

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ...config.secrets import FixedSecret
from ...exceptions import AuthenticationError
from ...models.identity import Identity, Role
from ...services.authentication import TokenService
from ..fixtures.service import KEY

TOKENS = TokenService(FixedSecret(KEY), issuer="us", audience="agent")


def claims(**changes: object) -> dict[str, object]:
    now = datetime.now(UTC)
    plain = {"sub": "me", "iss": "us", "aud": "agent", "iat": now, "exp": now + timedelta(minutes=1)}
    return {name: value for name, value in {**plain, **changes}.items() if value is not None}


def test_an_issued_token_is_accepted() -> None:
    token = TOKENS.issue("me", [Role.CLIENT, Role.OPERATOR])
    assert TOKENS.authenticate(token) == Identity("me", frozenset({Role.CLIENT, Role.OPERATOR}))


@pytest.mark.parametrize("roles", [None, "admin", ["root"], [["admin"]], {"admin": True}])
def test_roles_that_nobody_knows_are_no_roles(roles: object) -> None:
    token = jwt.encode(claims(roles=roles), KEY)
    assert TOKENS.authenticate(token).roles == frozenset()


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": datetime.now(UTC) - timedelta(seconds=1)},
        {"exp": None},
        {"iat": None},
        {"sub": None},
        {"sub": 7},
        {"iss": "them"},
        {"iss": None},
        {"aud": "another"},
        {"aud": None},
        {"nbf": datetime.now(UTC) + timedelta(hours=1)},
    ],
)
def test_wrong_claims_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(AuthenticationError):
        TOKENS.authenticate(jwt.encode(claims(**changes), KEY))


def test_a_forged_signature_is_refused() -> None:
    with pytest.raises(AuthenticationError):
        TOKENS.authenticate(jwt.encode(claims(), KEY[::-1]))


@pytest.mark.parametrize("algorithm", ["none", "HS512"])
def test_another_algorithm_is_refused(algorithm: str) -> None:
    key = "" if algorithm == "none" else KEY * 2
    with pytest.raises(AuthenticationError):
        TOKENS.authenticate(jwt.encode(claims(), key, algorithm=algorithm))


@given(st.text())
def test_no_text_is_a_token(text: str) -> None:
    with pytest.raises(AuthenticationError):
        TOKENS.authenticate(text)
