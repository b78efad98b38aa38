"""Tokens: what was issued is understood, and nothing else is."""

import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ...config.secrets import FixedSecret
from ...exceptions import AuthenticationError
from ...models.identity import ROLE_PERMISSIONS, Identity, Permission, Role
from ...services.authentication import TokenService
from ..fixtures.service import KEY

TOKENS = TokenService(FixedSecret(KEY), issuer="tests", audience="tests")
SUBJECTS = st.text(string.ascii_letters + string.digits + "-_.@äß語", min_size=1, max_size=80)
ROLES = st.frozensets(st.sampled_from(Role))
ALPHABET = string.ascii_letters + string.digits + "-_"


@given(SUBJECTS, ROLES)
def test_a_token_says_who_calls(subject: str, roles: frozenset[Role]) -> None:
    assert TOKENS.authenticate(TOKENS.issue(subject, roles)) == Identity(subject=subject, roles=roles)


@given(SUBJECTS, st.data())
def test_a_token_with_one_letter_changed_is_worth_nothing(subject: str, data: st.DataObject) -> None:
    token = TOKENS.issue(subject, [Role.CLIENT])
    signed = len(token) - 1  # the last letter's low bits are padding
    place = data.draw(st.integers(0, signed - 1))
    letter = data.draw(st.sampled_from(ALPHABET))
    assume(token[place] not in {letter, "."})
    with pytest.raises(AuthenticationError):
        TOKENS.authenticate(token[:place] + letter + token[place + 1 :])


@given(st.text(ALPHABET + ".", max_size=200))
def test_no_made_up_token_is_accepted(token: str) -> None:
    with pytest.raises(AuthenticationError):
        TOKENS.authenticate(token)


@given(ROLES, st.sampled_from(Permission))
def test_roles_add_up_and_nothing_else_grants(roles: frozenset[Role], permission: Permission) -> None:
    granted = {granted for role in roles for granted in ROLE_PERMISSIONS[role]}
    assert Identity(subject="x", roles=roles).may(permission) == (permission in granted)
