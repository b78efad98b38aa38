"""What a kind of agent adds to the settings; this one adds nothing."""

from pathlib import Path

from pydantic_settings import BaseSettings


class KindSettings(BaseSettings):
    """The settings that only this kind of agent has."""


def kind_values(folder: Path, environment: str) -> dict[str, object]:  # noqa: ARG001
    """Return what the files in ``folder`` say about them."""
    return {}
