from __future__ import annotations

from pathlib import Path

import pytest

from agentctl.errors import UsageError
from agentctl.loadtesting import redaction, settings
from agentctl.project import Project


def project(**table):
    return Project(root=Path("/p"), settings={"loadtest": table}, settings_file=Path("/p/agentctl.toml"))


def test_an_empty_table_is_no_error():
    assert settings.of(project()).serve is None
    assert settings.of(Project(root=Path("/p"))).requests == ()


def test_values_of_the_environment_become_texts():
    found = settings.of(project(environment={"A": "x", "N": 3, "B": True}))
    assert found.environment == {"A": "x", "N": "3", "B": "true"}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("serve", 3),
        ("serve", " "),
        ("ready", []),
        ("tokens", {}),
        ("rate", True),
        ("rate", []),
        ("duration", {}),
        ("gates", "p95<1s"),
        ("gates", [3]),
        ("requests", {}),
        ("requests", ["/chat"]),
        ("environment", []),
        ("environment", {"A": []}),
    ],
)
def test_a_value_of_the_wrong_type_is_named(key, value):
    with pytest.raises(UsageError, match=rf"agentctl\.toml \[loadtest\] {key}: must be"):
        settings.of(project(**{key: value}))


def test_tokens_and_secret_variables_are_hidden_and_plain_words_are_not():
    hidden = redaction.secrets(
        ["eyJtoken", "eyJtoken.longer"], {"JWT_SECRET": "s3cret-value", "PORT": "8000", "KEY": "on"}
    )
    text = redaction.hide("on 8000: eyJtoken.longer, eyJtoken, s3cret-value", hidden)
    assert text == "on 8000: ***, ***, ***"
