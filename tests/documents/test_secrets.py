from __future__ import annotations

import re

import pytest

from agentctl.documents import secrets


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ('pa"ss wo"rd', r'{"password": "pa\"ss wo\"rd", "retries": 1}'),
        ("back\\slash\\9", r'{"password": "back\\slash\\9"}'),
        ("it's a secret", "password: 'it''s a secret'"),
        ('csv "quoted" one', '"password: csv ""quoted"" one",next'),
        ("schlüssel-1", r'{"password": "schl\u00fcssel-1"}'),
    ],
)
def test_a_secret_is_hidden_however_its_quotes_spell_it(value: str, line: str) -> None:
    shown = secrets.masked(line, secrets.known_in({"password": value}))
    assert not [part for part in re.split(r"[\W_]+", value) if len(part) > 2 and part in shown.replace("password", "")]
