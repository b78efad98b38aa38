"""The ``[loadtest]`` table of the settings, read once, with errors that name the key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from agentctl.errors import UsageError
from agentctl.project import Project


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a project says about its load test.

    Attributes:
        source: The file and table, for messages.
        serve: The command that starts the server, with ``{python}`` and ``{port}``.
        ready: The path that answers 2xx once the server takes requests.
        environment: Variables that the server and the token command get beside ours.
        tokens: A command that prints one identity's token per line.
        path: The main route, where one request without a body will do.
        rate: Requests per second, as written.
        duration: As written.
        gates: Limits, as written.
        requests: The plan's requests, as written.
    """

    source: str = "[tool.agentctl.loadtest]"
    serve: str | None = None
    ready: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    tokens: str | None = None
    path: str | None = None
    rate: str | float | None = None
    duration: str | float | None = None
    gates: tuple[str, ...] = ()
    requests: tuple[Mapping[str, Any], ...] = ()


def of(project: Project) -> Settings:
    """Read a project's table.

    Raises:
        UsageError: A value has the wrong type; the message names the file and the key.
    """
    table = project.section("loadtest")
    file = project.settings_file or project.root / "pyproject.toml"
    source = f"{file} [{'loadtest' if file.name == 'agentctl.toml' else 'tool.agentctl.loadtest'}]"
    return Settings(
        source=source,
        serve=_text(table, "serve", source),
        ready=_text(table, "ready", source),
        environment=_environment(table, source),
        tokens=_text(table, "tokens", source),
        path=_text(table, "path", source),
        rate=_number(table, "rate", source),
        duration=_number(table, "duration", source),
        gates=tuple(_items(table, "gates", str, "texts such as 'p95<800ms'", source)),
        requests=tuple(_items(table, "requests", Mapping, "tables with method, path, headers, body", source)),
    )


def _text(table: Mapping[str, Any], key: str, source: str) -> str | None:
    value = table.get(key)
    if value is None or (isinstance(value, str) and value.strip()):
        return value
    raise UsageError(f"{source} {key}: must be a text")


def _number(table: Mapping[str, Any], key: str, source: str) -> str | float | None:
    value = table.get(key)
    if isinstance(value, bool) or not isinstance(value, str | int | float | None):
        raise UsageError(f"{source} {key}: must be a number or a text such as 30s")
    return value


def _items(table: Mapping[str, Any], key: str, kind: type[Any], words: str, source: str) -> list[Any]:
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(item, kind) for item in value):
        raise UsageError(f"{source} {key}: must be a list of {words}")
    return value


def _environment(table: Mapping[str, Any], source: str) -> dict[str, str]:
    value = table.get("environment", {})
    if not isinstance(value, Mapping) or not all(isinstance(item, str | int | float) for item in value.values()):
        raise UsageError(f"{source} environment: must be a table of names and texts")
    return {name: str(item).lower() if isinstance(item, bool) else str(item) for name, item in value.items()}
