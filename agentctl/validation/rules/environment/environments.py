"""Rules for environment files (guide 2, Environment Configuration): limits, release safety, agreement."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from agentctl.documents.model import Pointer
from agentctl.documents.words import either, nearest, shown
from agentctl.results import Severity
from agentctl.validation.rules import Break, number, rule, table

ENVIRONMENTS = frozenset({"development", "test", "staging", "production", "load", "local"})
HOTTEST = 2
ANALYSIS_TYPES = ("basic", "detailed", "predictive")
_URL = re.compile(r"[a-z][a-z0-9+.-]*://[^\s/]+.*|\$\{.*\}.*", re.IGNORECASE | re.DOTALL)
# What must be more than nothing, and what may be nothing but not less.
_POSITIVE = frozenset(
    {"timeout", "batch_size", "max_concurrency", "max_connections", "pool_size", "chunk_size", "cache_ttl"}
)
_NOT_NEGATIVE = frozenset({"retries", "max_retries", "cache_size"})
_SHORT = {"dev": "development", "stage": "staging", "prod": "production"}


@rule("environment-limits", "environment")
def sane_limits(document: Any) -> Iterator[Break]:
    """Limits are sane: timeouts and batch sizes above zero, retries not below.

    A timeout of 0 fails every call or waits for ever, by library; a batch of 0 never ends (guide 2, Configuration
    Management).

    Give a timeout in seconds above 0, retries of 0 or more, a batch size of 1 or more.
    """
    for pointer, key, value in _leaves(document, ()):
        amount = number(value)
        if amount is None:
            continue
        if key in _POSITIVE or key.endswith(("_timeout", "timeout_seconds", "_batch_size")):
            if amount <= 0:
                yield Break(pointer, f"`{key}` is {shown(value)}; it must be more than 0")
        elif (key in _NOT_NEGATIVE or key.endswith("_retries")) and amount < 0:
            yield Break(pointer, f"`{key}` is {shown(value)}; it must be 0 or more")


@rule("environment-url", "environment")
def url_with_scheme(document: Any) -> Iterator[Break]:
    """An address is a whole URL.

    Without its scheme, `api.example.com` is read as a path or refused at the first call (guide 2, Configuration
    Management: `api_base_url`).

    Write the scheme: `https://api.example.com`.
    """
    for pointer, key, value in _leaves(document, ()):
        is_address = key == "url" or key.endswith(("_url", "_uri")) or key == "endpoint"
        if is_address and isinstance(value, str) and value.strip() and not _URL.fullmatch(value.strip()):
            yield Break(pointer, f"`{key}` has no scheme", f"write https://{value.strip().lstrip('/')}")


@rule("environment-debug", "environment")
def no_debug_in_production(document: Any) -> Iterator[Break]:
    """Production runs without debug.

    Debug modes print inputs, keys and tracebacks, and switch protections off (guide 2, Environment Configuration).

    Set `debug: false` in production; for one incident, raise the log level for a while instead.
    """
    if not _is_production(document):
        return
    for pointer, key, value in _leaves(document, ()):
        if key in {"debug", "debug_mode"} and value is True:
            yield Break(pointer, f"`{key}` is on in production", f"set `{key}: false`")
        elif key == "log_level" and isinstance(value, str) and value.upper() in {"DEBUG", "TRACE"}:
            yield Break(
                pointer, f"`log_level` is {value} in production", "set it to INFO or above", severity=Severity.WARNING
            )


@rule("environment-analysis-type", "environment")
def analysis_type_known(document: Any) -> Iterator[Break]:
    """An analysis type is a known one.

    The agent refuses any other when it starts (guide 2, Custom Agent Best Practices).

    Use basic, detailed or predictive.
    """
    for pointer, key, value in _leaves(document, ()):
        if key == "analysis_type" and value not in ANALYSIS_TYPES:
            near = nearest(value, ANALYSIS_TYPES)
            message = f"unknown analysis_type {shown(value)}" + (f", did you mean {shown(near)}?" if near else "")
            yield Break(pointer, message, f"use {either(ANALYSIS_TYPES)}")


@rule("environment-temperature", "environment")
def temperature_in_range(document: Any) -> Iterator[Break]:
    """A temperature lies between 0 and 2.

    More is refused by the providers at the first call (guide 3, Configuration Validation).

    Give a value between 0 and 2.
    """
    for pointer, key, value in _leaves(document, ()):
        amount = number(value)
        if key == "temperature" and amount is not None and not 0 <= amount <= HOTTEST:
            yield Break(pointer, f"temperature is {shown(value)}; it must be between 0 and 2")


@rule("environment-named", "environment", together=True)
def named_like_its_file(documents: Mapping[str, Any]) -> Iterator[tuple[str, Break]]:
    """A file holds the environment that it is named after.

    `production.yaml` that says `environment: development` was copied and forgotten; whoever reads the one believes the
    other (guide 2, Environment Configuration).

    Make `environment` the same as the file's name.
    """
    for path, document in documents.items():
        name, told = PurePosixPath(path).stem, table(document).get("environment")
        if isinstance(told, str) and _long(name) in ENVIRONMENTS and _long(told) != _long(name):
            yield (
                path,
                Break(("environment",), f"environment is {shown(told)} in {PurePosixPath(path).name}", f"write {name}"),
            )


@rule("environment-agents", "environment", together=True)
def same_agents(documents: Mapping[str, Any]) -> Iterator[tuple[str, Break]]:
    """Every environment has the same agents.

    An agent that only development knows is found missing when it is first asked for, in production (guide 2,
    Environment Configuration).

    Add the agent to the file that lacks it, with the values of that environment.
    """
    for path, document in _with_agents(documents):
        for agent, keys in _elsewhere(documents, path).items():
            if agent not in document["agents"]:
                message = f"agent `{agent}` is missing here; {keys['']} has it"
                yield path, Break(("agents",), message, f"add `{agent}` under `agents`", at_key=True)


@rule("environment-keys", "environment", severity=Severity.ADVICE, together=True)
def same_keys(documents: Mapping[str, Any]) -> Iterator[tuple[str, Break]]:
    """An agent has the same keys in every environment.

    A key that one environment lacks falls back to the code's default there, which nobody chose for it. What production
    lacks and another has is a warning (guide 2, Environment Configuration).

    Write the key in each file, also where the value is the default.
    """
    for path, document in _with_agents(documents):
        severity = Severity.WARNING if _is_production(document) else None
        for agent, keys in _elsewhere(documents, path).items():
            here = document["agents"].get(agent)
            lacking = [key for key in keys if key and key not in here] if isinstance(here, dict) else []
            if lacking:
                listed = ", ".join(f"`{key}` ({keys[key]})" for key in lacking)
                message = f"agent `{agent}` lacks what other environments set: {listed}"
                hint = f"add `{lacking[0]}`" if len(lacking) == 1 else "add them"
                yield path, Break(("agents", agent), message, hint, at_key=True, severity=severity)


def _with_agents(documents: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    return ((path, document) for path, document in documents.items() if table(document, "agents"))


def _elsewhere(documents: Mapping[str, Any], path: str) -> dict[str, dict[str, str]]:
    """Return the keys of each agent in the other files, with the first file that has them; ``""`` is the agent."""
    known: dict[str, dict[str, str]] = {}
    for other, document in documents.items():
        for agent, settings in table(document, "agents").items() if other != path else ():
            for key in ("", *table(settings)):
                known.setdefault(agent, {}).setdefault(key, PurePosixPath(other).name)
    return known


def _leaves(value: Any, pointer: Pointer) -> Iterator[tuple[Pointer, str, Any]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in pairs:
        if isinstance(child, dict | list):
            yield from _leaves(child, (*pointer, key))
        elif isinstance(key, str):
            yield (*pointer, key), key, child


def _is_production(document: Any) -> bool:
    name = table(document).get("environment")
    return isinstance(name, str) and _long(name) == "production"


def _long(name: str) -> str:
    return _SHORT.get(name.lower(), name.lower())
