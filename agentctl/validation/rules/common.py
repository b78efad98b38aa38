"""Rules for every kind of document of an agent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from agentctl.documents import secrets
from agentctl.documents.words import subject
from agentctl.validation.rules import Break, rule


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
