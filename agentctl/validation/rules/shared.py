"""Rules for several kinds of document."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from agentctl.documents import secrets
from agentctl.documents.words import subject
from agentctl.validation.rules import Break, rule

_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")


@rule("inline-secret", "agent", "environment", "settings", "checklist", "workflow")
def inline_secret(document: Any) -> Iterator[Break]:
    """No secret stands in a configuration.

    Configurations are committed, copied, cached and logged; a key in one is a key that has leaked (guide 3, Secrets
    Management). The value is never printed, in no format.

    Name the environment variable that holds it (`api_key_env: OPENAI_API_KEY`), and replace the key at its provider.
    """
    for pointer, _ in secrets.found(document):
        name = next((part for part in reversed(pointer) if isinstance(part, str)), "value")
        yield Break(
            pointer,
            f"{subject(pointer)} holds a secret",
            f"name a variable instead (`{_reference(name)}`), and replace the secret at its provider: it has leaked",
        )


def _reference(name: str) -> str:
    return f"{name}_env: {name.upper()}"


@rule("api-key-env", "agent", "environment")
def key_variable(document: Any) -> Iterator[Break]:
    """`api_key_env` names an environment variable.

    The key itself, or the text of a reference such as `${KEY}`, in its place is looked up as a variable's name and is
    not found (guide 3, Secrets Management).

    Write the bare name of the variable: `api_key_env: OPENAI_API_KEY`.
    """
    for pointer, value in _variables(document, ()):
        if isinstance(value, str) and not _VARIABLE.fullmatch(value):
            yield Break(pointer, f"`{pointer[-1]}` is not the name of a variable", "write it such as OPENAI_API_KEY")


def _variables(value: Any, pointer: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in pairs:
        if isinstance(key, str) and key.endswith(("api_key_env", "token_env", "secret_env", "password_env")):
            yield (*pointer, key), child
        yield from _variables(child, (*pointer, key))
